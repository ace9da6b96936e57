#!/bin/sh
# unused.sh FILE...: static libraries and the objects of programs, no test among them. A public function that nobody in
# them asks for, not even its own file, is there for tests alone: it goes, or stands below with the reason why it stays.
set -eu
lint=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

nm -g "$@" 2>/dev/null | awk '$2 == "T" && $3 != "main" { print $3 }' | sort -u >"$dir/made"
# each call and each address in a table is a relocation by name
readelf -rW "$@" | awk '$1 ~ /^[0-9a-f]+$/ && $3 ~ /^R_/ { print $5 }' | sort -u >"$dir/asked"
for list in made asked; do
	[ -s "$dir/$list" ] || { echo "no function was read: the check itself is broken"; exit 1; }
done
sed '/^#/d; /^$/d; s/[ \t].*//' "$lint/unused.txt" | sort >"$dir/kept"
comm -23 "$dir/made" "$dir/asked" >"$dir/unused"
comm -23 "$dir/unused" "$dir/kept" | sed 's/$/: no program uses it/' >"$dir/said"
comm -13 "$dir/unused" "$dir/kept" | sed 's/$/: tests\/lint\/unused.txt names it, and it is used or gone/' >>"$dir/said"
cat "$dir/said"
[ ! -s "$dir/said" ]
