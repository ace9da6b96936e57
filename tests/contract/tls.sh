#!/bin/sh
# Forges whose TLS is wrong (reliability reference N16): each is refused before a byte of a request leaves, the sentence
# names the check that failed, and nothing turns the check off. A forge whose TLS is right hears the request, which shows
# that this test would see one. Usage: tls.sh PROGRAM-FOLDER. Skips (77) without openssl(1).
set -eu
bin=$1
command -v openssl >/dev/null || {
	echo "skipped: openssl is not installed"
	exit 77
}
. "$(dirname "$0")/tidy.sh"

# ---- certificates: an authority of ours, one that nobody knows, and what they sign ----
cd "$dir"
umask 077
cat >ca.cnf <<-END
	[ca]
	default_ca = it
	[it]
	new_certs_dir = .
	database = index
	rand_serial = yes
	default_md = sha256
	policy = any
	copy_extensions = copy
	unique_subject = no
	[any]
	commonName = supplied
	[authority]
	basicConstraints = critical, CA:TRUE
	keyUsage = critical, keyCertSign
	[req]
	distinguished_name = name
	[name]
END
: >index
authority() { # NAME
	openssl req -config ca.cnf -extensions authority -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" \
		-days 30 -subj "/CN=$1" 2>>log
}
leaf() { # NAME AUTHORITY HOST FROM TO
	openssl req -config ca.cnf -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" \
		-addext "subjectAltName=$3" 2>>log
	openssl ca -batch -notext -config ca.cnf -cert "$2.pem" -keyfile "$2.key" -in "$1.csr" -out "$1.pem" \
		-startdate "$4" -enddate "$5" 2>>log || fail "$(cat log)"
}
here=IP:127.0.0.1 past=20200101000000Z
authority ours
authority foreign
leaf good ours $here $past 20491231000000Z
leaf expired ours $here $past 20200201000000Z
leaf future ours $here 20481231000000Z 20491231000000Z
leaf elsewhere ours DNS:forge.example $past 20491231000000Z
leaf stranger foreign $here $past 20491231000000Z
openssl req -config ca.cnf -x509 -newkey rsa:2048 -nodes -keyout alone.key -out alone.pem -days 30 -subj /CN=alone \
	-addext "subjectAltName=$here" 2>>log

# ---- the programs ----
mkdir -p home/.config/pilothouse state
echo "timeout: 2" >home/.config/pilothouse/config.yml
echo "ghp_notoneofyours" >token
unset GH_TOKEN GITHUB_TOKEN XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME
unset SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE https_proxy HTTPS_PROXY all_proxy ALL_PROXY
export HOME="$dir/home" XDG_RUNTIME_DIR="$dir/home" LC_ALL=C.UTF-8
verb() { # WORDS...: the exit status is in $status, what was said in the file
	status=0
	"$bin/pilothouse" --api "https://127.0.0.1:$port" --ca-file ours.pem --token-file token --state-dir state \
		--profile easyenclave=easyenclave/easyenclave "$@" >said 2>&1 || status=$?
}

# serve CERTIFICATE OPTION...: a forge that hears everything and never answers; $port
mkfifo silence
serve() {
	c=$1
	shift
	: >heard
	openssl s_server -accept 127.0.0.1:0 -cert "$c.pem" -key "$c.key" "$@" <silence >heard 2>errors &
	server=$!
	exec 9>silence # held open: the end of its input would be the end of the server
	n=0
	until grep -q '^ACCEPT' heard; do
		n=$((n + 1))
		[ $n -lt 600 ] || fail "openssl s_server does not start: $(cat errors)"
		sleep 0.1
	done
	port=$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' heard | head -1)
}
stop() {
	kill "$server" 2>/dev/null || :
	wait "$server" 2>/dev/null || :
	server=
	exec 9>&-
}

# must_refuse NAME WORDS VERB...
must_refuse() {
	name=$1 words=$2
	shift 2
	verb "$@"
	[ $status = 4 ] || fail "$name, $1: exit $status, not 4"
	grep -q "^pilothouse: cannot reach 127.0.0.1: .*$words" said || fail "$name, $1: does not say $words"
	grep -q "^nothing was ever read from the forge here$" said || fail "$name, $1: no age"
	[ "$(grep -c . said)" -le 4 ] || fail "$name, $1: says more than it has to"
	if grep -q ghp_ said; then fail "$name, $1: prints the token"; fi
}

# refuses NAME WORDS CERTIFICATE OPTION...
refuses() {
	what=$1 because=$2
	shift 2
	serve "$@"
	must_refuse "$what" "$because" sync --once
	must_refuse "$what" "$because" plan dispatch easy/prod v0.9.4
	must_refuse "$what" "$because" dispatch easy/prod v0.9.4 --confirm "easy/prod v0.9.4"
	if grep -qE 'GET |POST |ghp_|Authorization' heard; then fail "$what: a request left"; fi
	stop
	echo "ok: $what"
}

refuses "expired" "certificate has expired" expired
refuses "not yet valid" "certificate is not yet valid" future
refuses "another host" "no alternative certificate subject name matches target host name '127.0.0.1'" elsewhere
refuses "another authority" "unable to get local issuer certificate" stranger
refuses "self-signed" "self-signed certificate" alone
refuses "TLS 1.1" "it speaks no TLS 1.2 or newer" good -tls1_1 -cipher ALL:@SECLEVEL=0

serve good
verb sync --once
grep -q "GET /user" heard || fail "a forge whose TLS is right hears nothing"
grep -q "Authorization: Bearer ghp_notoneofyours" heard || fail "it hears no token"
grep -q "it stalled for 1 s" said || fail "a silent forge"
stop
echo "ok: a good certificate is good"
