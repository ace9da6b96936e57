#!/bin/sh
# Proves that each lint can fail: a copy of the lints stands in a tree with one good file, which they let pass, and a bad
# file of each kind must be refused by its name. Usage: bites.sh PROGRAM COMPILER, one that needs the engine's libraries.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
compiler=$2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/tests" "$dir/tests/fault"
cp -r "$here" "$dir/tests/lint"
cp "$here/../../.clang-format" "$dir"
rm "$dir/tests/lint/bites.sh"
cd "$dir"

# good CHECK [FILE]: it passes, or the tool that it needs is not here.
good() {
	tests/lint/lint.sh "$@" >said 2>&1 || [ $? = 77 ] || { cat said; echo "$*: what is good was refused"; exit 1; }
}
# bad CHECK FILE, the text on stdin: it is refused, by that name; then the file goes.
bad() {
	mkdir -p "$(dirname "$2")"
	cat >"$2"
	status=0
	if [ "$1" = man ]; then set -- "$1" "$2" "$2"; fi
	tests/lint/lint.sh "$1" ${3:+"$3"} >said 2>&1 || status=$?
	if [ $status != 77 ] && { [ $status = 0 ] || ! grep -qF "$2" said; }; then
		cat said
		echo "$1: $2 was not refused"
		exit 1
	fi
	rm "$2"
}
lines() { awk -v n="$1" 'BEGIN { while (n--) print "" }'; }

mkdir -p store
printf '/* ok.h - what is good. */\n#pragma once\n' >store/ok.h
printf '#include "base/err.h"\n\nint a(void)\n{\n\treturn 0;\n}\n' >store/ok.c
mkdir -p core/command
echo 'COMMAND(LANES, "lanes", COMMAND_QUERY, "1", "", 0, 0, "Every lane")' >core/command/commands.def
printf 'Type `pilothouse lanes --json`.\n' >ok.md
for check in layers sql banned folders sizes functions format words paths headers verbs; do good $check; done

echo '#include "store/store.h"' | bad layers base/a.c
echo '#include <sqlite3.h>' | bad layers tui/b.c
echo '#include "core/engine/engine.h"' | bad layers tui/c.c
echo '#include "core/adapters/sim/sim.h"' | bad layers core/adapters/github/d.c
echo '#include <curl/curl.h>' | bad layers core/rules/e.c
echo 'run("SELECT * FROM lane");' | bad sql core/engine/a.c
printf 'run("DELETE "\n    "FROM lane");\n' | bad sql core/engine/b.c
printf 'run("SELECT a, "\n    "b, %%" PRId64\n    " FROM lane");\n' | bad sql core/engine/c.c
echo 'long a = time(0);' | bad banned base/a.c
echo '	nanosleep(&t, 0);' | bad banned core/engine/b.c
echo '	assert_non_null(mkdtemp(dir));' | bad folders tests/unit/base/a.c
lines 901 | bad sizes tui/a.c
lines 251 | bad sizes tui/a.h
{ printf 'int a(void)\n{\n'; lines 69; echo '}'; } | bad functions tui/a.c
echo 'int  a ;' | bad format tui/a.c
echo "/* TO""DO: later */" | bad words tui/a.c
echo "read /wo""rk/main first" | bad paths README.md
echo '#pragma once' | bad headers tui/a.h
echo '/* a.h - no guard. */' | bad headers tui/b.h
echo 'return err_hint(e, "pilothouse status prints the lanes");' | bad verbs tui/a.c
echo 'See `pilothouse status`.' | bad verbs man/a.1.in
printf '.Dd November 1, 2026\n.Dt A 1\n.Os\n.Sh NAME\n.Nm a\n.Nd b\n.Zz\n' | bad man man/a.1

grep -v '^| N1 |' "$here/../fault/README.md" >tests/fault/README.md
if tests/lint/faults.sh . >said 2>&1 || ! grep -q 'N1 has 0 rows' said; then
	echo "faults: a table without a row was not refused"
	exit 1
fi
if tests/lint/needed.sh "$program" >said 2>&1 || ! grep -q "library that is the engine's" said; then
	cat said
	echo "needed: $program was not refused"
	exit 1
fi

# a is asked for by the program, b by its own file, c by nobody; d is on the list and is not there at all
printf 'd why\n' >tests/lint/unused.txt
printf 'int a(void);\nint b(void);\nint c(void);\nint a(void)\n{\n\treturn b();\n}\nint b(void)\n{\n\treturn 0;\n}\nint c(void)\n{\n\treturn 0;\n}\n' >lib.c
printf 'int a(void);\nint main(void)\n{\n\treturn a();\n}\n' >main.c
"$compiler" -O0 -fPIC -c lib.c main.c
if tests/lint/unused.sh lib.o main.o >said || [ "$(cut -d: -f1 said | tr '\n' ' ')" != "c d " ]; then
	cat said
	echo "unused: c and d, and only they, were not refused"
	exit 1
fi
printf 'c why\n' >tests/lint/unused.txt
tests/lint/unused.sh lib.o main.o
