#!/bin/sh
# What the verbs `profile list|show|check|init|contract` print and how they exit, right and wrong: profile.sh BIN_DIR.
# The transcript must be tests/golden/profile.txt; GENERATE=1 rewrites it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
pilothouse=$1/pilothouse
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME XDG_RUNTIME_DIR GH_TOKEN GITHUB_TOKEN
export HOME="$dir" LC_ALL=C.UTF-8

mkdir -p shop/.github/workflows empty only-called
cat >shop/.github/workflows/rollout.yml <<'Y'
name: Rollout
run-name: Rollout ${{ inputs.tag }}
on:
  workflow_dispatch:
    inputs:
      tag: {required: true}
concurrency: {group: 'roll-${{ inputs.tag }}'}
jobs:
  deploy: {environment: production, runs-on: x}
Y
printf 'on: [push\n' >shop/.github/workflows/broken.yml
printf 'on: workflow_call\n' >only-called/part.yml
printf 'name: shop\nsystem: shop\nlanes:\n  - environment: prod\n    workflow: rollout.yml\n' >good.yml
printf 'name: shop\nsystem: shop\nlanes:\n  - environment: prod\n    workflow: a/rollout.yml\n' >bad.yml
printf 'name: shop\nsystem: shop\nlanes:\n  - environment: prod\n    workflow: w.yml\n    rollbck: replay\n' >typo.yml
printf 'name: "\033[2J"\n' >hostile.yml
head -c 2000000 /dev/zero | tr '\0' '#' >large.yml

say() {
	echo "\$ pilothouse $*"
	"$pilothouse" "$@" >out 2>err
	status=$?
	cat out
	sed 's/^/! /' err
	echo "= $status"
	echo
}
transcript() {
	say profile list
	say profile list --json
	say profile list more
	say profile list --path .
	say profile
	say profile frobnicate
	say profile show
	say profile show none
	say profile show none.yml
	say profile show good.yml
	say profile show good.yml --json
	say profile show bad.yml
	say profile check easyenclave
	say profile check good.yml
	say profile check good.yml --json
	say profile check bad.yml
	say profile check bad.yml --json
	say profile check typo.yml
	say profile check hostile.yml
	say profile check none
	say profile check none.yml
	say profile check none.yml --json
	say profile check large.yml
	say profile check empty
	say profile check
	say profile check good.yml bad.yml
	say profile init
	say profile init --path shop
	say profile init --path shop/.github/workflows --repo acme/shop --json
	say profile init --path empty
	say profile init --path only-called
	say profile init --path none
	say profile init --repo acme/shop --api http://127.0.0.1:9
	say profile init --repo acme
	export LC_ALL=C
	printf 'name: shop\nsystem: shop\ntitle: "\303\204pfel"\nlanes:\n  - {environment: prod, workflow: w.yml}\n' >letters.yml
	say profile show letters.yml
	say profile show letters.yml --json
}
transcript >"$dir/transcript"
"$pilothouse" profile init --path shop >drafted.yml && "$pilothouse" profile check drafted.yml >/dev/null ||
	echo "the draft is no good profile" >>"$dir/transcript"
for name in easyenclave theory-api mcp-server cloud-delivery release-train; do
	"$pilothouse" profile show $name >copy.yml && "$pilothouse" profile check copy.yml >/dev/null ||
		echo "a copy of $name is no good profile" >>"$dir/transcript"
done
if [ -n "${GENERATE:-}" ]; then
	cp "$dir/transcript" "$here/profile.txt"
	exit
fi
diff -u "$here/profile.txt" "$dir/transcript"
