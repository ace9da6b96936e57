#!/bin/sh
# Proves that the layer lint can fail: a small tree with known offences must be refused, each by name.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir -p base store tui core/rules core/adapters/github
printf '#include "store/store.h"\n' >base/a.c
printf '#include <sqlite3.h>\n' >tui/b.c
printf '#include "core/engine/engine.h"\n' >tui/c.c
printf '#include "core/adapters/sim/sim.h"\n' >core/adapters/github/d.c
printf '#include <curl/curl.h>\n' >core/rules/e.c
for f in base/a.c tui/b.c tui/c.c core/adapters/github/d.c core/rules/e.c; do
	if awk -f "$here/layers.awk" "$f"; then
		echo "$f was not refused"
		exit 1
	fi
done
printf '#include "base/err.h"\n' >store/ok.c
awk -f "$here/layers.awk" store/ok.c
