#!/bin/sh
# An answer that could not be written is no success, and a reader that has gone does not hide what became of an act.
# Usage: lost_output.sh PROGRAM-FOLDER
set -eu
bin=$1
. "$(dirname "$0")/tidy.sh"

umask 077
cd "$dir"
echo captain >token
mkdir run
"$bin/pilothouse" drill first-rollout --serve --port 0 --portfile port >drill.log 2>&1 &
there port || fail "the drill does not serve"
captain() {
	XDG_RUNTIME_DIR=$dir/run "$bin/pilothouse" --profile easyenclave=easyenclave/easyenclave --state-dir state \
		--api "http://127.0.0.1:$(cat port)" --token-file token "$@"
}
# lost STATUS WORD...: on a full disk, and with no output at all
lost() {
	want=$1
	shift
	for to in /dev/full closed; do
		got=0
		if [ $to = closed ]; then
			captain "$@" 2>errors >&- || got=$?
		else
			captain "$@" 2>errors >$to || got=$?
		fi
		[ $got = "$want" ] || fail "$* to $to: $got, not $want"
		grep -q 'the output could not be written' errors || fail "$* to $to: no word about it"
	done
}

captain sync --once >/dev/null 2>&1 || fail "no sync"
lost 6 lanes
lost 6 lanes --json
lost 6 sync --once
lost 6 plan lock easy/prod --reason x
lost 6 plan lock easy/prod --reason x --json
lost 6 profile list
lost 6 drill --list
lost 6 --help
lost 0 note easy/prod n

# The reader has gone before there is anything to read: the status is what became of the act.
unread() {
	{
		got=0
		captain "$@" 2>errors || got=$?
		echo $got >status
	} | :
	[ "$(cat status)" = 0 ] || fail "$* without a reader: $(cat status)"
}
unread lock easy/prod --reason x --confirm easy/prod
unread unlock easy/prod --confirm easy/prod
unread note easy/prod n
echo "ok"
