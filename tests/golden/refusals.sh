#!/bin/sh
# What the programs answer to words that are wrong: refusals.sh BIN_DIR. Each refusal is one sentence on stderr, a second
# line that says what to do, and an exit status of the contract; with --json it is one document on stdout, the same status,
# and nothing else anywhere. The transcript must be tests/golden/refusals.txt; GENERATE=1 rewrites it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
bin=$1
. "$here/../contract/tidy.sh"
cd "$dir" || exit 1
unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR GH_TOKEN GITHUB_TOKEN
export HOME="$dir" XDG_RUNTIME_DIR="$dir/run" LC_ALL=C.UTF-8 TERM=xterm
mkdir -m 700 run empty
mkfifo pipe
echo captain >token
echo text >note
echo '{"certificateAuthorities": [{"uri": "https://x.sigstore.dev", "validFor": {}}]}' >half
chmod 600 token note
"$bin/pilothouse" drill first-rollout --serve --port 0 --portfile port >drill.log 2>&1 &
there port || { cat drill.log; exit 1; }
globals="--profile easyenclave=easyenclave/easyenclave --api http://127.0.0.1:$(cat port) --token-file token --state-dir state"
"$bin/pilothouse" $globals sync --once >/dev/null 2>&1 || { echo "no sync"; exit 1; }
long=$(head -c 5000 /dev/zero | tr '\0' x)

# PROGRAM SHOWN WORD...: shown is what stands in the transcript, before words that would fill it.
refused() {
	program=$1 shown=$2
	shift 2
	echo "\$ $program $shown"
	"$bin/$program" "$@" >out 2>err </dev/null
	status=$?
	sed 's/^/OUT: /' out
	sed 's/^/! /' err
	echo "= $status"
	[ "$(wc -l <err)" -le 2 ] || echo "TOO MANY LINES"
	"$bin/$program" --json "$@" >out 2>err </dev/null
	again=$?
	[ $again = $status ] || echo "WITH --json = $again"
	[ -s err ] && sed 's/^/WITH --json: /' err
	[ "$(wc -l <out)" = 1 ] && grep -q '^{"error":{"code":"[a-z]*","message":".*","fix":.*}$' out ||
		echo "WITH --json NO DOCUMENT: $(cat out)"
	echo
}
# Without a cache, and with one.
bare() {
	refused pilothouse "$*" "$@"
}
synced() {
	refused pilothouse "$*" $globals "$@"
}
of_drill() {
	refused pilothouse-drill "$*" "$@"
}
of_wall() {
	refused pilothouse-wall "$*" "$@"
}
transcript() {
	bare dispach easy/prod
	bare proof
	bare proof export
	bare con
	bare con bogus
	bare guard bogus easy/prod
	bare audit bogus
	bare run
	bare runs --limit
	bare runs --limit 1 --limit 2
	bare runs ''
	bare plan --limit 3
	refused pilothouse 'abandon LONG' abandon "$long"
	refused pilothouse 'LONG' "$long"
	refused pilothouse 'dispatch easy/prod --input LONG' dispatch easy/prod --input "$long"
	bare lanes --state-dir empty
	refused pilothouse ''
	bare lane:easy/prod lanes
	bare --read-only dispatch easy/prod
	for option in --config --token-file --ca-file --trust; do
		bare $option none plan dispatch easy/prod --profile easyenclave
		bare $option empty plan dispatch easy/prod --profile easyenclave
	done
	bare --ca-file pipe plan dispatch easy/prod --profile easyenclave
	bare --config note plan dispatch easy/prod --profile easyenclave
	bare --trust note plan dispatch easy/prod --profile easyenclave
	bare --profile easyenclave --token-file token --api nonsense sync --once
	bare --profile easyenclave --token-file token --registry nonsense sync --once
	bare --profile easyenclave=x sync --once
	bare --profile none sync --once
	bare sync --once
	bare proof import-root none
	bare proof import-root empty
	bare proof import-root note
	bare proof import-root half
	bare proof update-root none
	bare plan show none
	bare plan show note
	synced run x
	synced run 9
	synced runs none
	synced drift none
	synced proof none
	synced proof none --machines
	synced proof export none
	synced readiness none
	synced canary none
	synced why none
	synced why none dispatch
	synced guard show none
	synced guard arm none
	synced guard arm
	synced plan guard show none
	synced dispatch none
	synced dispatch easy/prod v0.9.4 --confirm wrong
	synced abandon x
	synced log x
	synced freeze none
	refused pilothouse 'dispatch LONG' $globals dispatch "$(echo "$long" | head -c 2000)"
	bare drill none
	bare drill none --headless
	bare drill none --serve --port 0
	bare drill first-rollout --port 0
	bare drill first-rollout --list
	bare drill first-rollout --serve
	bare drill first-rollout --serve --headless
	of_drill none --headless
	of_drill
	of_drill --bogus
	of_drill one two
	of_drill --serve --port
	of_drill --serve --port 0 --speed fast
	of_drill --serve --port 0 --size 3
	of_drill first-rollout --serve --port 0 --unix here
	of_drill first-rollout --serve --unix empty
	bare verify-quote --quote none --collateral note
	bare verify-token --token note --jwks note
	bare verify-bundle none --bundle note --any-identity
	bare verify-bundle note --bundle empty --any-identity
	bare verify-bundle note --bundle note --any-identity --trusted-root note
	of_wall lanes
	of_wall --bogus
	of_wall --token-file token
	of_wall --json --once
	of_wall --theme none
}
transcript >"$dir/transcript"
if [ -n "${GENERATE:-}" ]; then
	cp "$dir/transcript" "$here/refusals.txt"
	exit
fi
diff -u "$here/refusals.txt" "$dir/transcript"
