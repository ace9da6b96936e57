#!/bin/sh
# alone.sh PROGRAM: the wall holds no sender, no client of the engine and no console (experience reference 1.6).
set -eu
command -v nm >/dev/null 2>&1 || { echo "skipped: nm is not installed"; exit 77; }
names=$(nm "$1" 2>/dev/null || true)
[ -n "$names" ] || { echo "skipped: the program is stripped"; exit 77; }
printf '%s\n' "$names" | grep -q ' [tT] wall_run' || { echo "wall_run is not there: the check itself is broken"; exit 1; }
if printf '%s\n' "$names" | grep -E ' [tT] (client_|engine_|journal_|act_|app_|tui_run|cli_)'; then
	echo "$1 holds what could act"
	exit 1
fi
