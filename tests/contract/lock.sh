#!/bin/sh
# Two captains on two hosts and one lane, by the real programs over HTTP: each race has one winner, the other is told who, and
# the con goes from one to the other line by line. Usage: lock.sh PROGRAM-FOLDER
set -eu
bin=$1
. "$(dirname "$0")/tidy.sh"

umask 077
cd "$dir"
echo captain >token1
echo kim >token2
mkdir run1 run2
"$bin/pilothouse" drill first-rollout --serve --port 0 --portfile port --rootfile root.json >drill.log 2>&1 &
there port || fail "the drill does not serve"
captain() { # NUMBER WORD...
	n=$1
	shift
	XDG_RUNTIME_DIR=$dir/run$n "$bin/pilothouse" --profile easyenclave=easyenclave/easyenclave \
		--trust root.json --api "http://127.0.0.1:$(cat port)" --token-file "token$n" --state-dir "state$n" --cache-dir "cache$n" "$@"
}
does() { # NUMBER STATUS WORD...
	n=$1 want=$2
	shift 2
	got=0
	captain "$n" "$@" >said 2>&1 || got=$?
	[ "$got" = "$want" ] || fail "captain $n: $*: $got, not $want"
}

# ---- races ----
for race in 1 2 3; do
	captain 1 lock easy/prod --reason "race $race" --confirm easy/prod >said1 2>&1 &
	one=$!
	captain 2 lock easy/prod --reason "race $race" --confirm easy/prod >said2 2>&1 &
	two=$!
	first=0 second=0
	wait $one || first=$?
	wait $two || second=$?
	case $first.$second in
	0.1) winner=1 loser=2 ;;
	1.0) winner=2 loser=1 ;;
	*) fail "race $race: $first and $second" ;;
	esac
	does $loser 1 dispatch easy/prod v0.9.4 --confirm 'easy/prod v0.9.4'
	grep -q "held by" said || fail "the other is not told who holds it"
	does $loser 1 unlock easy/prod --confirm easy/prod
	does $winner 0 unlock easy/prod --confirm easy/prod
done

# ---- the con, and what a takeover wants ----
does 1 0 con take
grep -q "^con: done$" said || fail "con take does not say once what was done"
does 2 1 con take
does 1 0 con give --reason 'ring the vendor'
does 2 1 con take
grep -q "ring the vendor" said || fail "the hand-over is not shown"
does 2 0 con take --lines all
does 1 0 con show
grep -q "^con: held, " said || fail "con show does not say who has it"
grep -q "accepted 1: .*ring the vendor" said || fail "con show does not say what was accepted"
does 1 0 lock easy/prod --reason mine --for 1h --confirm easy/prod
does 2 1 lock easy/prod --force --confirm easy/prod
does 2 0 lock easy/prod --force --reason 'he is asleep' --confirm easy/prod
does 1 1 dispatch easy/prod v0.9.4 --confirm 'easy/prod v0.9.4'
echo "3 races, one winner each; the con was handed over"
