#!/bin/sh
# One machine's evidence goes out as files, and the verify verbs come to the verdict that was exported: of good machines and of
# bad ones, quote and token, through the real programs. Usage: fleet_export.sh PROGRAM-FOLDER
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
		--token-file token --state-dir state --site "easy/prod=$at/probe/easy/prod" "$@" 2>>errors
}

n=0
until grep -raq tdx-agent-tiny-04 state; do
	n=$((n + 1))
	[ $n -lt 10 ] || fail "no machine was read"
	does sync --once >>said || :
done

# Of "quote":{"status":"failed","reason":"RTMR_DRIFT": failed RTMR_DRIFT
verdict_of() {
	sed -n "s/.*\"$1\":{\"status\":\"\\([a-z]*\\)\",\"reason\":\\([^,]*\\),.*/\\1 \\2/p" "$2/verdicts.json" |
		tr -d '"' | sed 's/null/OK/'
}
rounds=0
for machine in tdx-agent-tiny-01 tdx-agent-tiny-04 tdx-agent-tiny-02 tdx-agent-std-01 tdx-agent-llm-01; do
	does proof export easy/prod --machine $machine --path $machine >>said || fail "$machine is not exported"
	for part in quote token; do
		sed 's/.*"verify":\[//; s/","/"\n"/g' $machine/verdicts.json | sed -n "s/^\"pilothouse\\( verify-$part .*\\)\".*/\\1/p" |
			tr -d ']}' >verb
		[ -s verb ] || fail "$machine: no command verifies its $part"
		said=$(cd $machine && eval "\"$bin/pilothouse\"$(sed 's/"$//' ../verb)" 2>&1 | head -1 || :)
		want=$(verdict_of $part $machine)
		[ "$said" = "$want" ] || fail "$machine: its $part was $want, and of the files it is $said"
		rounds=$((rounds + 1))
	done
done
[ "$(verdict_of quote tdx-agent-tiny-04)" = "failed RTMR_DRIFT" ] || fail "the forged machine is not what it was"

does proof export easy/prod --machine tdx-agent-tiny-01 --path tdx-agent-tiny-01 >>said && fail "files were written over"
printf 'x' >>"$(ls state/evidence/machines-*/"$(ls tdx-agent-tiny-01 | sed -n 's/^quote-\(.*\)\.bin$/\1/p')")"
does proof export easy/prod --machine tdx-agent-tiny-01 --path again >>said && fail "damaged evidence was exported"
rm "$(ls state/evidence/machines-*/"$(ls tdx-agent-tiny-02 | sed -n 's/^quote-\(.*\)\.bin$/\1/p')")"
: >errors
does proof export easy/prod --machine tdx-agent-tiny-02 --path again >>said && fail "evidence that is gone was exported"
grep -q 'is not kept here, or no longer' errors || fail "nobody says what is gone"
[ ! -e again/verdicts.json ] || fail "a verdict was written without its evidence"
echo "$rounds verdicts were the same"
