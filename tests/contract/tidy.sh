# tidy.sh - for the scripts of this folder and its neighbours, which source it: waiting for what a server writes, and an end
# after which nobody writes any more. A folder cannot be removed under an engine that still puts files into it.

# there FILE: until it is not empty. A minute is a limit for a machine under load, and no wait.
there() {
	for _ in $(seq 600); do
		[ -s "$1" ] && return 0
		sleep 0.1
	done
	return 1
}

# The engines that verbs left in DIR: they end by themselves a moment after the last verb, but not while an intent is open.
engines_of() { # DIR
	find "$1" -name engine.lock 2>/dev/null | while read -r lock; do
		e=$(sed -n '1s/^\([0-9][0-9]*\).*/\1/p' "$lock" 2>/dev/null)
		[ -z "$e" ] || ! grep -q "$1" "/proc/$e/cmdline" 2>/dev/null || echo "$e"
	done
}

# tidy DIR [PID...]: ends what the script started, and engines, waits for their end, and removes the folder.
tidy() {
	tidied=$1
	shift
	left=$(engines_of "$tidied")
	for p in "$@" $left; do
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
	rm -rf "$tidied"
}
