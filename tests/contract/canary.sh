#!/bin/sh
# A canary from what a real Prometheus counted to what a person reads: the drill's forge, the real engine, Debian's
# Prometheus, and a target whose errors can be set. The verdict is pass, inconclusive while nobody can be scraped, and fail
# in the breach. Usage: canary.sh PROGRAM-FOLDER STAND PROFILE. Skips (77) when prometheus is not installed, but not where
# continuous integration runs.
set -eu
bin=$1 stand=$2 profile=$3
command -v prometheus >/dev/null || {
	echo "skipped: prometheus is not installed"
	[ -z "${CI:-}" ] || exit 1
	exit 77
}
. "$(dirname "$0")/tidy.sh"
# until_so SECONDS WHAT COMMAND...
until_so() {
	n=$(($1 * 5)) what=$2
	shift 2
	until "$@"; do
		n=$((n - 1))
		[ $n -gt 0 ] || fail "not $what"
		sleep 0.2 # between looks
	done
	echo "ok: $what"
}

umask 077
cd "$dir"
mkdir run
echo captain >token
export XDG_RUNTIME_DIR="$dir/run"
# as it is built in, but looking more often than people do
sed 's/interval_s: 30$/interval_s: 5/' "$profile" >train.yml
grep -q 'interval_s: 5$' train.yml || fail "the profile has no interval"

# ---- the world ----
echo 0.1 >percent
"$stand" stand "$dir" >stand.log 2>&1 &
"$bin/pilothouse" drill canary-happy --serve --port 0 --portfile port >drill.log 2>&1 &
until_so 60 "a Prometheus is there" test -s address
until_so 60 "a forge is there" test -s port
captain() {
	"$bin/pilothouse" --profile "$dir/train.yml=summit/summit" --api "http://127.0.0.1:$(cat port)" --token-file token \
		--state-dir state --cache-dir cache --metrics "$(cat address)" --interval 2 "$@"
}
captain sync >synced 2>&1 &

# ---- up to 5 percent: what is asked again and again reads the cache and not the forge ----
has() { # PATTERN VERB...
	pattern=$1
	shift
	captain "$@" --json >said 2>&1 && tr -d ' \n' <said | grep -q "$pattern"
}
must() {
	captain "$@" >said 2>&1 || fail "$*"
}
until_so 60 "the forge was read" has '"lane":"gov/prod"' lanes
must dispatch gov/prod v2.15.0 --confirm "gov/prod v2.15.0"
until_so 90 "its gate waits" has '"environment":"prod"' gates
run=$(tr -d ' \n' <said | sed 's/.*"run_id":\([0-9]*\).*/\1/')
must approve "$run" prod --comment "stage is green" --confirm "gov/prod v2.15.0"

# ---- what is judged ----
verdict_is() {
	captain canary gov/prod --json >said 2>&1 &&
		[ "$(tr -d ' \n' <said | sed -n 's/.*],"verdict":"\([a-z]*\)".*/\1/p')" = "$1" ]
}
until_so 120 "as good as control: pass" verdict_is pass
rm percent
until_so 90 "nobody can be scraped: inconclusive" verdict_is inconclusive
echo 20 >percent
until_so 90 "one request in five fails: fail" verdict_is fail
