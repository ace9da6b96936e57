#!/bin/sh
# Debian's registry on loopback, and our adapter against it. Usage: registry.sh PROGRAM. Skips (77) when docker-registry
# is not installed.
set -eu
program=$1
command -v docker-registry >/dev/null || {
	echo "skipped: docker-registry is not installed"
	exit 77
}
. "$(dirname "$0")/tidy.sh"
# ana:word, hashed with bcrypt, which is all that it takes
cat >"$dir/htpasswd" <<'END'
ana:$2y$05$abcdefghijklmnopqrstuuQDoL5Sa/TtfS/XN4AY/jgq.HBbO1BTu
END
cat >"$dir/config.yml" <<END
version: 0.1
log: { level: info }
storage: { filesystem: { rootdirectory: $dir/data } }
http: { addr: "127.0.0.1:0" }
auth: { htpasswd: { realm: contract, path: $dir/htpasswd } }
END
docker-registry serve "$dir/config.yml" >"$dir/log" 2>&1 &
server=$!
n=0
until port=$(sed -n 's/.*listening on 127\.0\.0\.1:\([0-9]*\).*/\1/p' "$dir/log") && [ -n "$port" ]; do
	n=$((n + 1))
	if [ $n -ge 300 ] || ! kill -0 "$server" 2>/dev/null; then
		echo "the registry does not start"
		cat "$dir/log"
		exit 1
	fi
	sleep 0.1
done
(umask 077 && echo ana:word >"$dir/credential")
"$program" "http://127.0.0.1:$port" "$dir/credential" || {
	tail -20 "$dir/log"
	exit 1
}
