#!/bin/sh
# A cluster behind TLS: the profile's own authority is the one that counts, and behind another one nothing is asked and no
# token leaves. Usage: cluster_tls.sh PROGRAM-FOLDER. Skips (77) without openssl(1).
set -eu
bin=$1
command -v openssl >/dev/null || {
	echo "skipped: openssl is not installed"
	exit 77
}
. "$(dirname "$0")/tidy.sh"
cd "$dir"
umask 077
unset GH_TOKEN GITHUB_TOKEN XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE
unset https_proxy HTTPS_PROXY all_proxy ALL_PROXY
mkdir home
export HOME="$dir/home" XDG_RUNTIME_DIR="$dir/home" LC_ALL=C.UTF-8

# ---- two authorities, and one certificate ----
for name in ours foreign; do
	openssl req -x509 -newkey rsa:2048 -nodes -keyout $name.key -out $name.pem -days 30 -subj /CN=$name 2>>log
done
openssl req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=cluster 2>>log
echo "subjectAltName = IP:127.0.0.1" >leaf.ext
openssl x509 -req -in leaf.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days 30 -extfile leaf.ext -out leaf.pem 2>>log

# ---- what the API server answers ----
place=apis/argoproj.io/v1alpha1/namespaces/shop/rollouts
mkdir -p $place
{
	printf 'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n'
	printf '{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"web","namespace":"shop",'
	printf '"generation":2,"resourceVersion":"7"},"spec":{"strategy":{"canary":{"steps":[{"setWeight":5},{"pause":{}}]}}},'
	printf '"status":{"phase":"Paused","observedGeneration":"2","currentStepIndex":1,"stableRS":"a","currentPodHash":"b",'
	printf '"controllerPause":true,"pauseConditions":[{"reason":"CanaryPauseStep"}],"canary":{"weights":{"canary":'
	printf '{"weight":5},"stable":{"weight":95},"verified":true}}}}'
} >$place/web
mkfifo silence
openssl s_server -accept 127.0.0.1:0 -cert leaf.pem -key leaf.key -HTTP <silence >heard 2>errors &
exec 9>silence # held open: the end of its input would be the end of the server
"$bin/pilothouse-drill" first-rollout --serve --port 0 --portfile port >/dev/null 2>&1 &
n=0
until grep -q '^ACCEPT' heard && [ -s port ]; do
	n=$((n + 1))
	[ $n -lt 600 ] || fail "the servers do not start: $(cat errors)"
	sleep 0.1
done
cluster=$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' heard | head -1)

profile() { # AUTHORITY
	cat <<-END
		name: web
		system: web
		repo: easyenclave/easyenclave
		lanes:
		  - environment: prod
		    workflow: production-rollout.yml
		    start: dispatch
		    ref: main
		    release_input: release_tag
		    inputs:
		      - {name: release_tag, value: "{release}", required: true}
		    release_from: input
		    release_title: "Production Rollout {release}*"
		    canary:
		      steps: [5, 25, 100]
		      window_s: 60
		      interval_s: 30
		      weight:
		        - {from: argo, namespace: shop, name: web}
		      cluster: {url: "https://127.0.0.1:$cluster", ca_file: "$dir/$1.pem", token_file: "$dir/token"}
	END
}
look() { # AUTHORITY
	rm -rf state
	profile "$1" >web.yml
	set -- --api "http://127.0.0.1:$(cat port)" --token-file token --state-dir state --profile "$dir/web.yml"
	"$bin/pilothouse" "$@" sync --once >said 2>&1 || fail "the pass fails"
	"$bin/pilothouse" "$@" canary web/prod >said 2>&1 || :
}
echo captain >token

look foreign
grep -q '^FILE:' heard errors && fail "an authority that signed nothing was believed"
grep -q '5%.*argo' said && fail "a weight was told that nobody read"
grep -q captain said errors heard && fail "the token was seen"
look ours
grep -q "^FILE:$place/web" heard errors || fail "the cluster was not asked"
grep -q '5% set by argo shop/web, 5% seen by argo shop/web' said || fail "its weight is not shown"
echo "a cluster's own authority counts, and no other"
