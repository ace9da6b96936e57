#!/bin/sh
# tests/fault/README.md against what exists: every row of the fault model is there, every test named in it is one that
# ctest knows, and every case after a colon stands in that test's source. Usage: faults.sh BUILD-FOLDER
set -eu
cd "$(dirname "$0")/../.."
table=tests/fault/README.md
bad=0
complain() {
	echo "$table: $1"
	bad=1
}

for family in N:23 D:12 P:11 T:9 C:3 K:8 H:8 S:13; do
	letter=${family%:*}
	n=1
	while [ $n -le "${family#*:}" ]; do
		rows=$(grep -c "^| $letter$n |" $table) || :
		[ "$rows" = 1 ] || complain "$letter$n has $rows rows"
		n=$((n + 1))
	done
done
torn=$(awk -F' *[|] *' '/^\| [NDPTCKHS][0-9]+ / {
	if (NF != 7) print $2 ": " NF - 2 " columns, not 5"
	else if ($5 == "" && $6 == "") print $2 ": no test, and not a word why"
}' $table)
[ -z "$torn" ] || complain "$torn"

known=$(ctest --test-dir "$1" -N | sed -n 's/^ *Test *#[0-9]*: //p')
source_of() {
	case $1 in
	unit.*.*) echo "tests/unit/$(echo "$1" | cut -d. -f2)/${1##*.}.c" ;;
	*) echo "tests/$(echo "$1" | cut -d. -f1)/${1##*.}.c" ;;
	esac
}
for word in $(sed -n '/^| [NDPTCKHS][0-9]/p' $table | grep -o '`[^`]*`' | tr -d '`' | sort -u); do
	name=${word%%:*}
	printf '%s\n' "$known" | grep -qx "$name" || complain "ctest knows no $name"
	case $word in
	*:*) grep -qw "${word#*:}" "$(source_of "$name")" 2>/dev/null || complain "$name has no ${word#*:}" ;;
	esac
done
exit $bad
