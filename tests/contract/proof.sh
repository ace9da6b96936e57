#!/bin/sh
# What is done with evidence in files, by the real programs: exported, verified again by the verb that needs nothing of ours,
# refused when it is damaged, and a trusted root that comes in. Usage: proof.sh PROGRAM-FOLDER
set -eu
bin=$1
roots=$(cd "$(dirname "$0")/../../core/engine/roots" && pwd)
. "$(dirname "$0")/tidy.sh"

umask 077
cd "$dir"
echo captain >token
mkdir run
"$bin/pilothouse" drill proof-missing --serve --port 0 --portfile port --rootfile root.json >drill.log 2>&1 &
there port || fail "the drill does not serve"
does() { # STATUS WORD...
	want=$1 got=0
	shift
	XDG_RUNTIME_DIR=$dir/run "$bin/pilothouse" --profile easyenclave=easyenclave/easyenclave --trust root.json \
		--api "http://127.0.0.1:$(cat port)" --token-file token --state-dir state "$@" >said 2>errors || got=$?
	[ "$got" = "$want" ] || fail "$*: $got, not $want"
	if grep -q 'runtime error' errors; then fail "$*"; fi
}
says() {
	grep -qF -- "$1" said errors || fail "does not say \"$1\""
}
is() { # MODE NAME
	[ "$(stat -c %a "$2")" = "$1" ] || fail "$2 has the mode $(stat -c %a "$2")"
}

# ---- words that are wrong ----
does 5 proof export easy/prod
says "nothing was ever read"
does 2 proof export
does 2 proof export easy/prod v0.9.3
does 2 proof easy/prod --path x
does 2 proof import-root
does 2 proof import-root root.json --path x
does 5 proof export easy/prod --json
says '"error"'

does 0 sync --once
does 1 proof export easy/nowhere
says "there is no lane and no release"
does 1 proof export "$(printf 'v1\033[2J')"
does 1 proof export easy/nowhere --path out
[ ! -e out ] || fail "a folder was made for nothing"

# ---- files ----
does 0 proof export v0.9.3 --path out
is 700 out
for f in out/*; do is 600 "$f"; done
[ "$(ls out/bundle-* | wc -l)" = 3 ] || fail "not three bundles"
[ "$(ls out/root-* | wc -l)" = 1 ] || fail "not one root"
for f in out/bundle-*.json out/root-*.json; do
	hex=${f##*-}
	[ "$(sha256sum <"$f" | cut -d' ' -f1)" = "${hex%.json}" ] || fail "$f is not what its name says"
done
cmp -s out/root-*.json root.json || fail "it is another root"
grep -q '"status":"verified"' out/verdicts.json || fail "no verdict"
cp -r out first
does 1 proof export v0.9.3 --path out
says "is there already, and nothing is written over it"
diff -r first out || fail "something was written over"
does 0 proof export easy/prod --path all --json
says '"files"'
grep -q '"status":"missing"' all/verdicts.json || fail "what is missing is left out"
does 6 proof export v0.9.3 --path /dev/null
mkdir -m 777 open
chmod 777 open
does 6 proof export v0.9.3 --path open
[ -z "$(ls open)" ] || fail "it was written where others write"
ln -s "$dir/first" link
does 6 proof export v0.9.3 --path link

# ---- what was exported stands without us ----
verifies() { # BUNDLE
	asset=$1
	for b in out/bundle-*.json; do
		"$bin/pilothouse" verify-bundle --bundle "$b" --trusted-root out/root-*.json \
			--certificate-identity "https://github.com/easyenclave/easyenclave/.github/workflows/$2@refs/tags/v0.9.3" \
			--certificate-oidc-issuer https://token.actions.githubusercontent.com "$asset" >said 2>errors && return 0
	done
	fail "no bundle verifies $asset"
}
digest=$(sed 's/.*"subject":"trusted_values.v0.9.3.json","digest":"\(sha256:[0-9a-f]*\)".*/\1/' out/verdicts.json)
verifies "$digest" release-trust-bundle.yml

# ---- one document ----
does 0 proof export v0.9.3
cp said one.json
does 0 proof export v0.9.3 --json
grep -q '"verdicts":{' said || fail "no verdicts"
sed 's/.*"kind":"bundle","sha256":"\([0-9a-f]*\)","size":[0-9]*,"base64":"\([^"]*\)".*/\1 \2/' one.json >piece
read -r hex text <piece
[ "$(printf %s "$text" | base64 -d | sha256sum | cut -d' ' -f1)" = "$hex" ] || fail "other bytes in the document"

# ---- evidence that is damaged, or gone ----
kept=state/evidence/$hex
cp "$kept" whole
printf x >>"$kept"
does 6 proof export v0.9.3 --path damaged
says "is damaged"
[ ! -e damaged ] || fail "damaged evidence was exported"
does 6 proof export v0.9.3 --json
says '"error"'
rm "$kept"
does 1 proof export v0.9.3
says "is not kept here"
cp whole "$kept"
does 0 proof export v0.9.3 --path again

# ---- a root comes in ----
does 2 proof import-root nowhere.json
does 2 proof import-root token
does 2 proof import-root root.json
says "of no instance"
echo '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}' >hollow.json
does 2 proof import-root hollow.json
[ ! -e state/roots ] || [ -z "$(ls state/roots)" ] || fail "a root that is none was taken"
cp "$roots/staging.json" mine.json
does 0 proof import-root mine.json
is 700 state/roots
is 600 state/roots/staging.json
cmp -s mine.json state/roots/staging.json || fail "it was changed on its way"
does 0 proof import-root mine.json --force --json
says '"changes":['
