# tidy.sh - for the scripts of this folder and its neighbours, which source it: a folder of their own in $dir, waiting for what
# a server writes, and an end after which nobody writes any more. A folder cannot be removed under an engine that still puts
# files into it.
dir=$(mktemp -d) || exit 1
trap tidy EXIT

# fail WHAT: and what the programs said of it
fail() {
	echo "FAILED: $1"
	cat "$dir"/said* "$dir"/heard "$dir"/synced "$dir"/errors "$dir"/*.log 2>/dev/null || :
	exit 1
}

# there FILE: until it is not empty. A minute is a limit for a machine under load, and no wait.
there() {
	for _ in $(seq 600); do
		[ -s "$1" ] && return 0
		sleep 0.1
	done
	return 1
}

# The engines that verbs left: they end by themselves a moment after the last verb, but not while an intent is open.
engines_of_verbs() {
	find "$dir" -name engine.lock 2>/dev/null | while read -r lock; do
		e=$(sed -n '1s/^\([0-9][0-9]*\).*/\1/p' "$lock" 2>/dev/null)
		[ -z "$e" ] || ! grep -q "$dir" "/proc/$e/cmdline" 2>/dev/null || echo "$e"
	done
}

# Ends what the script started, and engines, waits for their end, and removes the folder.
tidy() {
	jobs -p >"$dir/jobs"
	left=$(engines_of_verbs)
	for p in $(cat "$dir/jobs") $left; do
		kill "$p" 2>/dev/null || :
	done
	wait 2>/dev/null || :
	n=300 # of no engine that hangs
	for p in $left; do
		while kill -0 "$p" 2>/dev/null && [ $n -gt 0 ]; do
			n=$((n - 1))
			sleep 0.1
		done
	done
	rm -rf "$dir"
}
