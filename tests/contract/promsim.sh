#!/bin/sh
# The drill's own Prometheus against Debian's: the series of the one are given to the other, and both must answer the
# expressions of profiles, and refuse what is none, with the same words. Usage: promsim.sh BINDIR. Skips (77) without it.
set -eu
bin=$1
for tool in prometheus promtool curl; do
	command -v $tool >/dev/null || {
		echo "skipped: $tool is not installed"
		exit 77
	}
done
. "$(dirname "$0")/tidy.sh"
wait_for() { # WHAT COMMAND...
	what=$1
	shift
	n=0
	until "$@" >/dev/null 2>&1; do
		n=$((n + 1))
		if [ $n -ge 300 ]; then
			echo "$what does not start"
			cat "$dir/log" 2>/dev/null || :
			exit 1
		fi
		sleep 0.1
	done
}

"$bin/pilothouse-drill" rollback-refused --serve --port 0 --portfile "$dir/port" >/dev/null &
wait_for "the drill" test -s "$dir/port"
ours=http://127.0.0.1:$(cat "$dir/port")/prometheus

# Its series of the last hour as OpenMetrics; asked is what was before them, however long the other takes to start.
now=$(($(date +%s) - 60))
for name in http_requests_total http_request_duration_seconds_bucket process_saturation; do
	echo "# TYPE $name gauge"
	curl -sS "$ours/api/v1/query" --data-urlencode "query=$name[1h]" | awk -v name=$name 'BEGIN { RS = "{\"metric\":{" }
		NR > 1 {
			split($0, half, "},\"values\":\\[\\[")
			labels = half[1]
			sub(/^"__name__":"[^"]*",/, "", labels)
			gsub(/":"/, "=\"", labels)
			gsub(/,"/, ",", labels)
			sub(/^"/, "", labels)
			n = split(half[2], points, "\\],\\[")
			for (i = 1; i <= n; i++) {
				split(points[i], tv, "\"")
				print name "{" labels "} " tv[2] " " substr(tv[1], 1, length(tv[1]) - 1)
			}
		}'
done >"$dir/series.txt"
echo "# EOF" >>"$dir/series.txt"
(cd "$dir" && promtool tsdb create-blocks-from openmetrics series.txt data >/dev/null)
echo 'global: {scrape_interval: 15s}' >"$dir/prometheus.yml"
prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" --web.listen-address=127.0.0.1:0 \
	--storage.tsdb.allow-overlapping-blocks 2>"$dir/log" &
wait_for prometheus grep -q 'Server is ready' "$dir/log"
theirs=http://$(sed -n 's/.*msg="Listening on" address=\(127\.0\.0\.1:[0-9]*\).*/\1/p' "$dir/log")

failed=0
same() { # the same request of both: status and body, byte for byte
	a=$(curl -sS -w '%{http_code}' "$ours/api/v1/$1" --data-urlencode "query=$2" $3)
	b=$(curl -sS -w '%{http_code}' "$theirs/api/v1/$1" --data-urlencode "query=$2" $3)
	[ "$a" = "$b" ] || {
		echo "DIFFERS $1 $2 $3"
		echo "  ours   $(echo "$a" | cut -c1-300)"
		echo "  theirs $(echo "$b" | cut -c1-300)"
		failed=1
	}
}
while read -r query; do
	for at in $now $((now - 17)).3 $((now - 600)).125; do
		same query "$query" "-d time=$at"
	done
done <<'END'
sum(increase(http_requests_total{track="stable"}[30s]))
sum(increase(http_requests_total{track="stable",code=~"5.."}[30s])) / sum(increase(http_requests_total{track="stable"}[30s]))
sum(rate(http_requests_total{track="canary"}[30s])) / sum(rate(http_requests_total[30s]))
histogram_quantile(0.95, sum(rate(http_request_duration_seconds_bucket{track="stable"}[30s])) by (le))
histogram_quantile(0.5, sum by (le) (rate(http_request_duration_seconds_bucket{track="stable"}[1m])))
histogram_quantile(0.99999, sum by (le) (rate(http_request_duration_seconds_bucket{track="stable"}[1m])))
sum(increase(http_request_duration_seconds_bucket{track="stable",le="1.5"}[30s]))
sum(increase(http_requests_total{track="stable",code=~"[1-4].."}[30s]))
process_saturation{track="stable"}
process_saturation{track="canary"}
process_saturation{track="stable"}[12s]
sum(increase(http_requests_total{track="canary"}[30s])) or vector(0)
100 * sum(rate(http_requests_total[5m])) - 3
count(http_requests_total{code!="500"})
1/0
0/0
1 +
up )
x[5m
(1
END
same query_range 'sum(rate(http_requests_total[30s]))' "-d start=$((now - 300)) -d end=$now -d step=30"
same query_range 1 "-d start=1 -d end=0 -d step=1"
same query_range 1 "-d start=0 -d end=100 -d step=0"
same query_range 1 "-d start=0 -d end=100 -d step=x"
same query_range 1 "-d start=0 -d end=100000 -d step=1"
same query_range 'http_requests_total[5m]' "-d start=0 -d end=10 -d step=1"
same query "" ""
same query 1 "-d time=noon"
same nothing 1 ""
exit $failed
