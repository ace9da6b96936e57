#!/bin/sh
# The pictures in README.md are screens of the golden world, as the golden files have them; GENERATE=1 puts these in.
set -eu
cd "$(dirname "$0")/../.."
new=$(mktemp)
trap 'rm -f "$new"' EXIT
awk '
	# The text of one golden screen, without its frame and without the roles below it.
	function picture(name,    file, line, inside) {
		file = "tests/golden/" name "-normal.txt"
		while ((getline line < file) > 0) {
			if (inside && line !~ /^\|/)
				break
			if (inside) {
				sub(/^\|/, "    ", line)
				sub(/ *\|$/, "", line)
				print line
			}
			if (line == name " normal 80x24")
				inside = 1
		}
		close(file)
		if (!inside) {
			print "pictures: " file " has no such screen" >"/dev/stderr"
			exit 1
		}
	}
	/^<!-- end screen -->$/ { print ""; skip = 0 }
	!skip
	/^<!-- screen / { print ""; picture($3); skip = 1; seen++ }
	END { if (!seen || skip) exit 1 }' README.md >"$new"
[ -z "${GENERATE:-}" ] || cat "$new" >README.md
diff -u README.md "$new"
