#!/bin/sh
# The forge's own command-line client against the simulated forge: what it accepts is what other clients will meet.
# Usage: gh.sh PROGRAM-FOLDER. Skips (77) when gh is not installed.
set -eu
bin=$1
command -v gh >/dev/null || {
	echo "skipped: gh is not installed"
	exit 77
}
. "$(dirname "$0")/tidy.sh"
sock=$dir/s
# Fifty times faster than life: the rollout below takes a second.
"$bin/pilothouse-drill" break-glass --serve --unix "$sock" --speed 50 --scorefile "$dir/score" >"$dir/first" 2>"$dir/err" &
drill=$!
there "$dir/first" || {
	echo "the drill does not start"
	cat "$dir/err"
	exit 1
}

mkdir "$dir/gh" "$dir/home"
unset GH_HOST GITHUB_TOKEN GH_ENTERPRISE_TOKEN GITHUB_ENTERPRISE_TOKEN
# TMPDIR too: gh keeps logs at a fixed place below it, which may be another account's.
export TMPDIR="$dir" XDG_CACHE_HOME="$dir/home" HOME="$dir/home" GH_CONFIG_DIR="$dir/gh" GH_TOKEN=x GH_PROMPT_DISABLED=1 GH_NO_UPDATE_NOTIFIER=1 NO_COLOR=1
gh config set http_unix_socket "$sock"
repo=easyenclave/easyenclave

fail() {
	echo "FAILED: $1"
	echo "$2"
	exit 1
}
# want WORDS COMMAND...: the output holds WORDS
want() {
	words=$1
	shift
	out=$("$@" 2>&1) || fail "$*" "$out"
	case $out in
	*"$words"*) echo "ok: $*" ;;
	*) fail "$* does not say $words" "$out" ;;
	esac
}
# until_says WORDS COMMAND...: the same, within half a minute
until_says() {
	words=$1
	shift
	n=0
	while :; do
		out=$("$@" 2>&1) || fail "$*" "$out"
		case $out in *"$words"*) break ;; esac
		n=$((n + 1))
		[ $n -lt 60 ] || fail "$* never says $words" "$out"
		sleep 0.5
	done
	echo "ok: $*"
}

want captain gh api user --jq .login
want "Production Rollout" gh workflow list -R $repo
want "v0.9.4" gh release list -R $repo
want "completed" gh run list -R $repo -L 5
want "required: true" gh workflow view production-rollout.yml -R $repo --yaml
want "" gh workflow run production-rollout.yml -R $repo -f release_tag=v0.9.4 -f rc_intent=abc
until_says "Production Rollout v0.9.4 [abc]" gh run list -R $repo -L 3 -w production-rollout.yml
run=$(gh run list -R $repo -L 1 -w production-rollout.yml --json databaseId --jq '.[0].databaseId')
until_says waiting gh api "repos/$repo/actions/runs/$run" --jq .status
want "Bootstrap production control plane / bootstrap" gh run view "$run" -R $repo
environment=$(gh api "repos/$repo/actions/runs/$run/pending_deployments" --jq '.[0].environment.id')
want production gh api "repos/$repo/actions/runs/$run/pending_deployments" -X POST \
	-F "environment_ids[]=$environment" -f state=approved -f comment=contract --jq '.[0].environment'
until_says completed gh api "repos/$repo/actions/runs/$run" --jq .status
want "success" gh run view "$run" -R $repo --json conclusion --jq .conclusion
job=$(gh api "repos/$repo/actions/runs/$run/jobs" --jq '.jobs[0].id')
want "rolling out v0.9.4" gh api "repos/$repo/actions/jobs/$job/logs"
want "rolling out v0.9.4" gh run view "$run" -R $repo --log
# JOB TAB STEP TAB LINE: each line stands under the step that said it.
echo "$out" | grep -q "	Set up job	.*Current runner version" || fail "no line of the runner under its step" "$out"
if echo "$out" | grep "	Set up job	" | grep "rolling out"; then
	fail "a line stands under another step" "$out"
fi
want "trusted_values.v0.9.4.json" gh api "repos/$repo/releases/tags/v0.9.4" --jq '.assets[].name'
(cd "$dir" && gh release download v0.9.4 -R $repo -p 'trusted_values*')
want_sum=$(gh api "repos/$repo/releases/tags/v0.9.4" --jq '.assets[0].digest' | cut -d: -f2)
have_sum=$(sha256sum <"$dir/trusted_values.v0.9.4.json" | cut -d' ' -f1)
[ "$want_sum" = "$have_sum" ] || fail "the asset's digest" "$want_sum $have_sum"
echo "ok: the asset has its digest"
total=$(gh api --paginate "repos/$repo/actions/runs?per_page=20" --jq '.workflow_runs[].id' | sort -u | wc -l)
[ "$total" -gt 60 ] || fail "pages" "$total runs over all pages"
echo "ok: $total runs over all pages"

kill -TERM "$drill"
wait "$drill" || fail "the drill ends badly" "$(cat "$dir/err")"
[ ! -e "$sock" ] || fail "the socket is left behind" ""
grep -q '"passed":true' "$dir/score" || fail "the score" "$(cat "$dir/score")"
echo "ok: the score says passed"
