#!/bin/sh
# The engine as its user unit starts it: a guard that was armed through it is still armed when it was killed and started
# again, by nothing but the unit's own line, and answers a breach once. Usage: guard.sh PROGRAM-FOLDER UNIT-FILE CANARY-PROGRAM
set -eu
bin=$1 unit=$2 canary=$3
. "$(dirname "$0")/tidy.sh"
soon() { # WHAT COMMAND...
	what=$1
	shift
	for _ in $(seq 100); do
		"$@" >"$dir/said" 2>&1 && return 0
		sleep 0.2
	done
	fail "$what"
}

# What the unit promises.
grep -q '^Restart=on-failure$' "$unit" || fail "the unit does not start it again"
words=$(sed -n 's|^ExecStart=[^ ]*/pilothouse-engine ||p' "$unit")
[ "$words" = "--stay" ] || fail "the unit starts another engine: $words"

umask 077
cd "$dir"
export HOME="$dir" XDG_RUNTIME_DIR="$dir" XDG_CONFIG_HOME="$dir/config" XDG_STATE_HOME="$dir/s" XDG_CACHE_HOME="$dir/c"
mkdir -p config/pilothouse
echo captain >token
"$bin/pilothouse" drill first-rollout --serve --port 0 --portfile port --rootfile root.json >drill.log 2>&1 &
soon "the drill does not serve" test -s port
cat >config/pilothouse/config.yml <<EOF
profile: easyenclave=easyenclave/easyenclave
api: http://127.0.0.1:$(cat port)
token_file: $dir/token
trusted_root: $dir/root.json
interval: 1
EOF
starts() {
	# as the unit does: its own line, no terminal
	"$bin/pilothouse-engine" $words </dev/null >engine.log 2>&1 &
	engine=$!
}
starts
reads() {
	"$bin/pilothouse" lanes --json | grep -q '"lane":"easy/prod","system":"easy","environment":"prod","state":"OK"'
}
soon "nothing is read" reads
cache=$(find . -name cache.db)
"$canary" "$cache" pass
"$bin/pilothouse" guard arm easy/prod --until 1h --confirm easy/prod >said 2>&1 || fail "it is not armed"
guard_is() {
	"$bin/pilothouse" guard show --json | grep -q "\"state\":\"$1\""
}
guard_is armed || fail "it is not shown as armed"

# A crash is no end: what systemd does then is to run the line again.
kill -KILL "$engine"
wait "$engine" 2>/dev/null || :
guard_is armed || fail "screens have lost it with the engine"
"$canary" "$cache" fail
starts
soon "the next engine does not act" guard_is acted
n=$("$bin/pilothouse" journal --json | grep -o '"act":"rollback"' | wc -l)
[ "$n" = 1 ] || fail "$n rollbacks"
"$bin/pilothouse" journal | grep -q 'guard, armed by' || fail "it does not say who armed it"
"$bin/pilothouse" audit verify >said 2>&1 || fail "the audit chain does not hold"
echo "one rollback by the second engine"

# The cache is disposable: without it, or beside one that is damaged, acts are told all the same.
here=$(find . -name journal.db)
mkdir without
cp "$here"* without
told() { # WORD...
	"$bin/pilothouse" --state-dir "$dir/without" "$@" >said 2>errors
}
told journal --json || fail "without a cache no act is told"
[ "$(grep -o '"act":"rollback"' said | wc -l)" = 1 ] || fail "without a cache other acts are told"
told outbox || fail "without a cache the outbox is not told"
told lanes && fail "without a cache lanes are told"
echo damaged >without/cache.db
told journal || fail "beside a damaged cache no act is told"
grep -q 'whether the journal lost something' errors || fail "a damaged cache is not mentioned"
cp "$cache"* without
mv without/journal.db without/other
rm -f without/journal.db-*
told journal && fail "a journal that is gone is no empty one"
echo "acts are told without a cache"
