#!/bin/sh
# order.sh BUILD: the functions that a console runs from exec through an idle minute beside its engine, and to its end, by
# callgrind, as the linker script tui/start.ld. BUILD is a release build; the drill stands still.
set -eu
build=$(cd "$1" && pwd)
dir=$(mktemp -d)
mkdir -m 700 "$dir/run"
export XDG_RUNTIME_DIR="$dir/run"
"$build/bin/pilothouse-drill" first-rollout --serve --speed 0.001 --port 0 --portfile "$dir/port" >/dev/null &
drill=$!
trap 'kill $drill 2>/dev/null; rm -rf "$dir"' EXIT
until [ -s "$dir/port" ]; do sleep 1; done
(umask 077 && echo token >"$dir/token")
set -- "$build/bin/pilothouse" --state-dir "$dir/state" --profile easyenclave=easyenclave/easyenclave \
	--api "http://127.0.0.1:$(cat "$dir/port")" --token-file "$dir/token"
"$@" sync --once >/dev/null
(sleep 75; printf q; sleep 5) |
	TERM=xterm-256color script -qfc "stty rows 24 cols 80; exec valgrind -q --tool=callgrind \
		--callgrind-out-file='$dir/out' $*" /dev/null >/dev/null 2>&1
cat <<'EOF'
/*
 * start.ld - the functions of a first paint and of an idle minute stand side by side, in a third of the text: the kernel
 * maps sixteen pages around each that is touched, and what is never touched is neither read nor counted as ours.
 * Made by tests/bench/order.sh; a function that is missing here is only found elsewhere.
 */
SECTIONS
{
	.text.start :
	{
		*crt1.o(.text .text.*)
		*crtbegin*.o(.text .text.*)
		*(.text.startup.main)
EOF
awk -v ob=/bin/pilothouse '
	/^ob=/ { if (match($0, /\([0-9]+\)/)) id = substr($0, RSTART, RLENGTH); if (/\) /) of[id] = $0; ours = of[id] ~ ob "$" }
	/^fn=/ { if (match($0, /\([0-9]+\)/)) id = substr($0, RSTART, RLENGTH); if (/\) /) name[id] = $2; if (ours) print name[id] }
	/^cfn=/ && /\) / { match($0, /\([0-9]+\)/); name[substr($0, RSTART, RLENGTH)] = $2 }
	/^cob=/ && /\) / { match($0, /\([0-9]+\)/); of[substr($0, RSTART, RLENGTH)] = $0 }' "$dir/out" |
	sed 's/[.'"'"'].*//; /^(/d; /^0x/d; /^_/d; /^main$/d; /^frame_dummy$/d' | sort -u |
	sed 's/.*/\t\t*(.text.& .text.&.*)/'
printf '\t}\n}\nINSERT BEFORE .text;\n'
