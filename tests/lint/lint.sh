#!/bin/sh
# One check of the source tree: lint.sh CHECK. Prints every offence; exits 1 when there is one, 77 when the tool it
# needs is not here.
set -eu
cd "$(dirname "$0")/../.."

# Every file of the project: what git knows, or, in a tree without its history, all but what was built.
files() {
	if [ -e .git ] && git ls-files >/dev/null 2>&1; then
		git ls-files --cached --others --exclude-standard | while read -r f; do [ ! -f "$f" ] || echo "$f"; done
	else
		find . -type f ! -path './build*' ! -path './.git/*' | sed 's|^\./||'
	fi
}
sources() { files | grep '\.[ch]$'; }
products() { sources | grep -v '^tests/'; }
have() { command -v "$1" >/dev/null 2>&1 || { echo "skipped: $1 is not installed"; exit 77; }; }
verdict() { if [ -n "$1" ]; then printf '%s\n' "$1"; exit 1; fi; exit 0; }

case "$1" in
layers)
	awk -f tests/lint/layers.awk $(products)
	;;
sql)
	# a statement may be written as several literals, on one line or on more: they are one text first
	verdict "$(products | grep -v '^store/sqlgen.c' | xargs awk '
		function say() { if (text != "") print where ": " text; text = "" }
		FNR == 1 { say() }
		{ gsub(/" *(PRI[a-z0-9]+ *)?"/, "") }
		text ~ /"[ \t]*(PRI[a-z0-9]+)?$/ && /^[ \t]*"/ {
			sub(/"[ \t]*(PRI[a-z0-9]+)?$/, "", text); sub(/^[ \t]*"/, ""); text = text $0
			next
		}
		{ say(); where = FILENAME ":" FNR; text = $0 }
		END { say() }' |
		grep -E '"[^"]*\b(SELECT [^"]* FROM|INSERT (OR [A-Z]+ )?INTO|DELETE FROM|UPDATE [a-z_]+ SET|CREATE (TABLE|INDEX))\b' || true)"
	;;
banned)
	# base.h makes most of these compile errors; clocks and sleeping are bound to a file instead
	verdict "$(products | grep -v '^base/when\.c$' | xargs grep -nE '\b(time|clock_gettime|gettimeofday|sleep|usleep|nanosleep)\(' | grep -vE '^\S+:[0-9]+:\s*(/?\*|//)' || true)"
	;;
folders)
	# what a test makes itself stays in /tmp when it fails; the fault sweeps and the bench have places of their own
	verdict "$(sources | grep -E '^tests/(unit|pty|golden|contract)/' | xargs -r grep -nE '\bmk(dtemp|stemp|ostemp)\(' /dev/null || true)"
	;;
sizes)
	verdict "$(sources | xargs wc -l | awk '$2 != "total" && (($2 ~ /\.c$/ && $1 > 900) || ($2 ~ /\.h$/ && $1 > 250)) { print $2 ": " $1 " lines" }')"
	;;
functions)
	# a function's body lies between a line that is { and a line that is } in column one
	verdict "$(sources | xargs awk '
		FNR == 1 { open = 0 }
		/^\{/ { open = FNR }
		/^\}/ { if (open && FNR - open + 1 > 70) printf "%s:%d: function of %d lines\n", FILENAME, open, FNR - open + 1; open = 0 }')"
	;;
format)
	have clang-format
	verdict "$(sources | xargs clang-format --dry-run 2>&1 | grep -E 'warning|error' | head -40)"
	;;
words)
	verdict "$(files | xargs grep -nE '\b(TO''DO|FIX''ME|X''XX|HA''CK)\b' -- 2>/dev/null || true)"
	;;
paths)
	verdict "$(files | xargs grep -nE '(^|[^A-Za-z0-9_./-])/(work|farm|root)/|https?://(registry|deb)\.[a-z]+' -- 2>/dev/null || true)"
	;;
verbs)
	# advice of the form `pilothouse VERB ...` is typed as it stands: the verb must be one
	verdict "$(files | grep -E '\.(c|h|def|in|md|yml)$' | xargs grep -noE '["`]pilothouse [a-z][a-z-]*' -- |
		while read -r where verb; do
			grep -q "^COMMAND([A-Z_]*, \"$verb\"," core/command/commands.def || echo "$where: there is no verb $verb"
		done)"
	;;
man)
	have mandoc
	shift
	out=$(mandoc -Tlint -Wwarning "$@" 2>&1 || true)
	verdict "$out"
	;;
headers)
	verdict "$(products | grep '\.h$' | while read -r f; do
		head -1 "$f" | grep -q '^/\*' || echo "$f: does not begin with a comment that teaches the model"
		grep -q '^#pragma once' "$f" || echo "$f: no #pragma once"
	done)"
	;;
*)
	echo "usage: lint.sh layers|sql|banned|folders|sizes|functions|format|words|paths|headers|verbs|man FILE..." >&2
	exit 2
	;;
esac
