#!/bin/sh
# The completion that was generated, asked as bash asks it: completion.sh FILE.
command -v bash >/dev/null 2>&1 || { echo "skipped: bash is not installed"; exit 77; }
exec bash -u - "$1" <<'BASH'
. "$1" || exit 1
bad=0

# ask "words typed so far, the last one unfinished" "expected"
ask() {
	local IFS=' '
	COMP_WORDS=(pilothouse)
	local rest=$1
	while [[ $rest == *' '* ]]; do
		COMP_WORDS+=("${rest%% *}")
		rest=${rest#* }
	done
	COMP_WORDS+=("$rest")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_pilothouse
	if [[ "${COMPREPLY[*]-}" != "$2" ]]; then
		echo "pilothouse $1: ${COMPREPLY[*]-}, and not: $2"
		bad=1
	fi
}

ask 'di' 'dispatch'
ask 'xyz' ''
ask '--js' '--json'
ask '--profile ' 'easyenclave release-train'
ask '--profile easyenclave di' 'dispatch'
ask '--json dispatch easy/' 'easy/staging easy/prod'
ask 'dispatch gov/prod ' ''
ask 'dispatch --rea' '--reason --read-only'
ask 'dispatch --reason ' ''
ask 'dispatch --reason why gov/pr' 'gov/pr gov/prod'
ask 'dispatch --reason=why gov/pro' 'gov/prod'
ask 'plan dis' 'dispatch'
ask 'plan dispatch easy/p' 'easy/prod'
ask 'plan rerun 1 --fa' '--failed'
ask 'runs --li' '--limit'
ask 'run ' ''
ask 'why easy/prod ap' 'approve'
ask 'filter ' ''
exit $bad
BASH
