#!/bin/sh
# The control plane of a drill hands out a credential with every machine. The real engine reads the machines, judges them, and
# nothing of the credential is in its cache, its log, or what verbs print. Usage: fleet_secret.sh PROGRAM-FOLDER
set -eu
bin=$1
. "$(dirname "$0")/tidy.sh"

umask 077
cd "$dir"
echo captain >token
mkdir run
"$bin/pilothouse" drill fleet-mixed --serve --port 0 --portfile port --rootfile root.json --rootsdir state/roots \
	>drill.log 2>&1 &
there port || fail "the drill does not serve"
at=http://127.0.0.1:$(cat port)
does() {
	XDG_RUNTIME_DIR=$dir/run "$bin/pilothouse" --profile easyenclave=easyenclave/easyenclave --trust root.json --api "$at" \
		--token-file token --state-dir state --site "easy/prod=$at/probe/easy/prod" "$@" >>said 2>>errors || :
}

n=0
until grep -raq tdx-agent-tiny-04 state; do
	n=$((n + 1))
	[ $n -lt 10 ] || fail "no machine was read"
	does sync --once
done
does proof easy/prod --json
does lanes --json
found=$(grep -ral 'tunnel-canary-' state run said errors || :)
[ -z "$found" ] || fail "a credential of machines is in $found"
echo "machines are known, and nothing of their credential"
