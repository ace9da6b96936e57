#!/bin/sh
# Debian's Prometheus on loopback, and our adapter against it. Usage: metrics.sh PROGRAM. Skips (77) when prometheus is not
# installed, but not where continuous integration runs.
set -eu
program=$1
for tool in prometheus promtool openssl; do
	command -v $tool >/dev/null && continue
	echo "skipped: $tool is not installed"
	[ -z "${CI:-}" ] || exit 1
	exit 77
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
umask 077

# ---- TLS with an authority of our own, and a user ----
authority() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -keyout "$1.key" -out "$1.pem" \
		-subj "/CN=$1" 2>>said
}
authority ca
authority stranger
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf 2>>said
echo "subjectAltName = IP:127.0.0.1" >leaf.cnf
openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile leaf.cnf -out leaf.pem 2>>said
# ana:word, hashed with bcrypt, which is all that it takes
cat >web.yml <<'END'
tls_server_config: { cert_file: leaf.pem, key_file: leaf.key }
basic_auth_users: { ana: $2y$05$abcdefghijklmnopqrstuuQDoL5Sa/TtfS/XN4AY/jgq.HBbO1BTu }
END

# ---- an hour of two tracks, a sample each 15 s: metrics.h says what is in it ----
end=$(($(date +%s) / 15 * 15))
echo $end >end
awk -v end=$end '
BEGIN {
	split("stable canary", tracks, " ")
	rate["stable"] = 380
	rate["canary"] = 20
	split("0.1 0.25 0.5 1 2.5 +Inf", le, " ")
	used["stable"] = 0.4
	used["canary"] = 0.6
	split("0.7 0.9 0.995 0.999 1 1", quick, " ")
	split("0.2 0.4 0.6 0.8 1 1", slow, " ")
	for (t = 1; t <= 2; t++)
		for (at = end - 3600; at <= end; at += 15) {
			track = tracks[t]
			breach = track == "canary" && at > end - 600
			n = rate[track] * 15
			bad[track] += n * (breach ? 0.05 : 0.001)
			good[track] += n * (breach ? 0.95 : 0.999)
			row = "http_requests_total{track=\"%s\",code=\"%d\"} %.3f %d\n"
			counts = counts sprintf(row, track, 200, good[track], at) sprintf(row, track, 500, bad[track], at)
			gauge = gauge sprintf("process_saturation{track=\"%s\"} %.2f %d\n", track, used[track], at)
			for (b = 1; b <= 6; b++) {
				sum[track, b] += n * (breach ? slow[b] : quick[b])
				buckets = buckets sprintf("http_request_duration_seconds_bucket{track=\"%s\",le=\"%s\"} %.3f %d\n", \
					track, le[b], sum[track, b], at)
			}
		}
	printf "# TYPE http_requests counter\n%s", counts
	printf "# TYPE process_saturation gauge\n%s", gauge
	printf "# TYPE http_request_duration_seconds histogram\n%s# EOF\n", buckets
}' >hour.txt
promtool tsdb create-blocks-from openmetrics hour.txt data >>said 2>&1 || {
	cat said
	exit 1
}
"$program" real "$dir"
