#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/path.h"
#include "base/text.h"
#include "core/profile/keys.h"
#include "core/profile/profile.h"

#define HEAD "name: n\nsystem: s\nlanes:\n  - environment: prod\n    workflow: w.yml\n"
#define GO   HEAD "    start: dispatch\n    ref: main\n"

#define PROOF    HEAD "    proof: {"
#define SUBJECT  "subjects: [{probe: pins, wants: [sbom]"
#define CANARY   HEAD "    canary: {window_s: 1, steps: [5], "
#define MACHINES HEAD "    attestation: {list: /a, jwks: 'https://x', "
#define GAUGE    "{name: m, kind: gauge, control: a, canary: b"
#define COUNTED  "{name: m, kind: errors, control: a, canary: b, control_total: c, canary_total: d"

static int parse(struct profile *p, const char *text, struct arena *a, struct err *e)
{
	return profile_parse(p, "f.yml", text, strlen(text), a, e);
}

static void a_small_profile(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct profile p;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(parse(&p, HEAD, &a, &e), 0);
	assert_string_equal(p.title, "n");
	assert_null(p.repo);
	assert_null(p.redact);
	assert_int_equal(p.lanes.n, 1);
	assert_string_equal(p.lanes.items[0].name, "s/prod");
	assert_int_equal(p.lanes.items[0].start, START_NONE);
	assert_int_equal(p.lanes.items[0].line, 4);
	assert_string_equal(p.lanes.items[0].release_from, "sha");
	assert_false(p.lanes.items[0].production || p.lanes.items[0].rollback);
}

/* Every rule: the message with the place, and the hint where there is one. */
static const struct {
	const char *text, *message, *hint;
} refusals[] = {
	{ "", "f.yml:1:1: profile: name is missing", "" },
	{ "[]", "f.yml:1:1: profile must be a map of keys and values", "" },
	{ "name: n\nsystem: s\n", "f.yml:1:1: a profile has at least one lane", "" },
	{ "name: n\nsystem: s\nlanes: []\n", "f.yml:3:1: a profile has at least one lane", "" },
	{ "name: n\nsystem: s\nlanes: {a: b}\n", "f.yml:3:1: lanes must be a list of lane maps", "" },
	{ "name: n\nsystem: s\nlanes: [x]\n", "f.yml:3:9: lane must be a map of keys and values", "" },
	{ "name: N\nsystem: s\nlanes:\n", "f.yml:1:1: name must be lower case", "" },
	{ "name: n\nsystem: s/t\nlanes:\n", "f.yml:2:1: system must be lower case", "" },
	{ "name: n\nsystme: s\n", "f.yml:2:1: profile has no key systme", "did you mean system?" },
	{ HEAD "repo: a\n", "f.yml:6:1: a is not OWNER/NAME", "" },
	{ HEAD "repo: a/b/c\n", "f.yml:6:1: a/b/c is not OWNER/NAME", "" },
	{ HEAD "repo: ../..\n", "f.yml:6:1: ../.. is not OWNER/NAME", "" },
	{ HEAD "redact: token\n", "f.yml:6:1: redact must be a list of texts", "" },
	{ HEAD "redact: [a, [b]]\n", "f.yml:6:13: redact must be a list of texts", "" },
	{ HEAD "redact: [a, '']\n", "f.yml:6:13: redact must be a list of texts", "" },
	{ HEAD "  - environment: prod\n    workflow: w.yml\n",
	  "f.yml:6:5: prod is here twice, first in line 4", "" },
	{ "name: n\nsystem: s\nlanes:\n  - environment: prod\n", "f.yml:4:5: lane: workflow is missing", "" },
	{ HEAD "    workflw: x\n", "f.yml:6:5: lane has no key workflw", "did you mean workflow?" },
	{ HEAD "    production: yes\n", "f.yml:6:5: production is neither true nor false", "" },
	{ HEAD "    start: dispach\n", "f.yml:6:5: start cannot be dispach", "did you mean dispatch?" },
	{ HEAD "    start: magic\n", "f.yml:6:5: start cannot be magic",
	  "known are none auto dispatch merge" },
	{ HEAD "    start: dispatch\n", "f.yml:4:5: lane: start: dispatch needs a ref", "" },
	{ HEAD "    ref: main\n", "f.yml:6:5: ref needs start: dispatch", "" },
	{ HEAD "    start: dispatch\n    ref: -x\n", "f.yml:7:5: ref must be a branch, a tag or {release}",
	  "" },
	{ HEAD "    start: dispatch\n    ref: v{release}\n", "f.yml:7:5: ref must be", "" },
	{ HEAD "    inputs: [{name: a}]\n", "f.yml:6:5: inputs need start: dispatch", "" },
	{ GO "    inputs: [{value: a}]\n", "f.yml:8:14: input: name is missing", "" },
	{ GO "    inputs: [{name: a=b}]\n", "f.yml:8:15: a=b is no name of an input", "" },
	{ GO "    inputs: [{name: a}, {name: a}]\n", "f.yml:8:26: a is here twice", "" },
	{ GO "    inputs: [{name: a, value: x, pattern: v*}]\n",
	  "f.yml:8:24: x does not match the pattern v*", "" },
	{ GO "    inputs: [{name: a, value: '{tag}'}]\n", "f.yml:8:24: {tag} is no placeholder here",
	  "known are {release} {sha} {sha7} {nonce} {ref} {version} {repo}" },
	{ GO "    inputs: [{name: a, value: 'x}'}]\n", "f.yml:8:24: } is no placeholder here", "" },
	{ GO "    inputs: [{name: a, value: '{{sha}}'}]\n", "f.yml:8:24: {{ is no placeholder", "" },
	{ GO "    inputs: [{name: a, vlaue: x}]\n", "f.yml:8:24: input has no key vlaue",
	  "did you mean value?" },
	{ GO "    release_input: tag\n", "f.yml:8:5: tag is not among the inputs", "" },
	{ HEAD "    rollback: dispatch\n", "f.yml:6:5: rollback needs start: dispatch", "" },
	{ GO "    rollback: dispatch\n", "f.yml:8:5: rollback needs a release_input", "" },
	{ HEAD "    needs: [{kind: other}]\n",
	  "f.yml:6:14: need: kind must be release, asset, artifact, fresh, file, label or tag", "" },
	{ HEAD "    needs: [{name: x}]\n", "f.yml:6:13: need: kind must be release, asset", "" },
	{ HEAD "    needs: [{kind: aset}]\n", "f.yml:6:14: kind cannot be aset", "did you mean asset?" },
	{ HEAD "    needs: [{kind: asset}]\n", "f.yml:6:13: a need of kind asset needs name", "" },
	{ HEAD "    needs: [{kind: asset, name: x}]\n", "f.yml:6:13: a need of kind asset needs files", "" },
	{ HEAD "    needs: [{kind: asset, name: x, files: []}]\n",
	  "f.yml:6:36: a need of kind asset needs files", "" },
	{ HEAD "    needs: [{kind: asset, name: x, files: ['{sha}']}]\n",
	  "f.yml:6:44: {sha} is no placeholder here", "only {release} {version} may stand here" },
	{ HEAD "    needs: [{kind: asset, name: x, files: [a/b]}]\n",
	  "f.yml:6:44: a/b is no name of an asset", "" },
	{ HEAD "    needs: [{kind: release, files: [a]}]\n",
	  "f.yml:6:29: a need of kind release has no files", "" },
	{ HEAD "    needs: [{kind: release, fix: '{nonce}'}]\n", "f.yml:6:29: {nonce} is no placeholder",
	  "" },
	{ HEAD "    stages: [{name: a}]\n", "f.yml:6:14: stage a: jobs is missing", "" },
	{ HEAD "    stages: [{name: a, jobs: []}]\n", "f.yml:6:24: stage a: jobs is missing", "" },
	{ HEAD "    stages: [{name: a, jobs: [x]}, {name: a, jobs: [y]}]\n", "f.yml:6:37: a is here twice",
	  "" },
	{ HEAD "    expects: [{branch: main}]\n", "f.yml:6:15: expects needs a kind", "" },
	{ HEAD "    expects: [{kind: push}]\n", "f.yml:6:15: expects of kind push needs branch", "" },
	{ HEAD "    expects: [{kind: run, branch: x}]\n", "f.yml:6:15: expects of kind run needs from", "" },
	{ HEAD "    expects: [{kind: push, branch: x, cron: '0 0 * * *'}]\n",
	  "f.yml:6:39: expects of kind push has no cron", "" },
	{ HEAD "    expects: [{kind: schedule, cron: daily}]\n",
	  "f.yml:6:32: daily is no schedule of five fields", "" },
	{ HEAD "    expects: [{kind: run, from: x}]\n", "f.yml:6:27: x is no workflow file", "" },
	{ HEAD "    expects: [{kind: push, branch: x, within_min: 0}]\n",
	  "f.yml:6:39: within_min must be between 1 and 1440", "" },
	{ HEAD "    follows: [{workflow: a}]\n", "f.yml:6:16: a is no workflow file", "" },
	{ "name: n\nsystem: s\nlanes: [{environment: prod, workflow: a/w.yml}]\n",
	  "f.yml:3:29: a/w.yml is no workflow file", "" },
	{ "name: n\nsystem: s\nlanes: [{environment: Prod, workflow: w.yml}]\n",
	  "f.yml:3:10: environment must be lower case", "" },
	{ HEAD "    exclusive: [w.yml, x]\n", "f.yml:6:24: x is no workflow file", "" },
	{ HEAD "    release_from: tag\n", "f.yml:6:5: release_from must be input, branch or sha", "" },
	{ HEAD "    release_from: input\n", "f.yml:6:5: release_from: input needs a release_title", "" },
	{ HEAD "    release_title: Rollout\n", "f.yml:6:5: release_title must hold {release} once", "" },
	{ HEAD "    release_title: '{release} {release}'\n", "f.yml:6:5: release_title must hold", "" },
	{ HEAD "    release_title: '{sha}'\n", "f.yml:6:5: {sha} is no placeholder here", "" },
	{ HEAD "    poll_ms: 10\n", "f.yml:6:5: poll_ms must be between 1000 and 86400000", "" },
	{ HEAD "    poll_ms: 1s\n", "f.yml:6:5: poll_ms is no whole number", "" },
	{ HEAD "    stale_ms: -1\n", "f.yml:6:5: stale_ms must be between", "" },
	/* inputs */
	{ GO "    inputs: [{name: a, type: choice}]\n", "f.yml:8:14: input a: a choice needs choices", "" },
	{ GO "    inputs: [{name: a, choices: [x]}]\n", "f.yml:8:24: choices need type: choice", "" },
	{ GO "    inputs: [{name: a, type: choice, choices: [x], value: y}]\n",
	  "f.yml:8:52: y is no choice here", "" },
	{ GO "    inputs: [{name: a, type: boolean, value: yes}]\n", "f.yml:8:39: yes is no boolean here",
	  "" },
	{ GO "    inputs: [{name: a, type: number, value: 1x}]\n", "f.yml:8:38: 1x is no number here", "" },
	{ GO "    inputs: [{name: a, exception: why}]\n", "f.yml:8:24: exception needs a value", "" },
	{ GO "    inputs: [{name: a, type: bolean}]\n", "f.yml:8:24: type cannot be bolean",
	  "did you mean boolean?" },
	/* needs */
	{ HEAD "    needs: [{kind: fresh, workflow: c.yml}]\n",
	  "f.yml:6:13: a need of kind fresh needs max_age_h", "" },
	{ HEAD "    needs: [{kind: fresh, workflow: c.yml, max_age_h: 0}]\n",
	  "f.yml:6:44: max_age_h must be between 1", "" },
	{ HEAD "    needs: [{kind: fresh, max_age_h: 1}]\n",
	  "f.yml:6:13: a need of kind fresh needs workflow", "" },
	{ HEAD "    needs: [{kind: fresh, workflow: c, max_age_h: 1}]\n", "f.yml:6:27: c is no workflow file",
	  "" },
	{ HEAD "    needs: [{kind: label, name: x, files: [a]}]\n",
	  "f.yml:6:36: a need of kind label has no files", "" },
	{ HEAD "    needs: [{kind: tag}]\n", "f.yml:6:13: a need of kind tag needs name", "" },
	{ HEAD "    needs: [{kind: file, files: [../x]}]\n", "f.yml:6:26: ../x is no file of a repository",
	  "" },
	{ HEAD "    needs: [{kind: file, files: [x], absent: true, values: [{pointer: /a}]}]\n",
	  "f.yml:6:52: what must be absent holds no values", "" },
	{ HEAD "    needs: [{kind: artifact, artifact: x, values: [{pointer: /a}]}]\n",
	  "f.yml:6:43: values need entry", "" },
	{ HEAD "    needs: [{kind: artifact, artifact: x, entry: y}]\n", "f.yml:6:43: entry needs values",
	  "" },
	{ HEAD "    needs: [{kind: artifact}]\n", "f.yml:6:13: a need of kind artifact needs artifact", "" },
	{ HEAD "    needs: [{kind: asset, name: x, files: [x], values: [{pointer: a}]}]\n",
	  "f.yml:6:58: a is no JSON pointer", "" },
	{ HEAD "    needs: [{kind: asset, name: x, files: [x], values: [{pointer: /a~b}]}]\n",
	  "f.yml:6:58: /a~b is no JSON pointer", "" },
	{ HEAD
	  "    needs: [{kind: asset, name: x, files: [x], values: [{pointer: /a, is: object, equals: b}]}]\n",
	  "f.yml:6:83: object is compared with no text", "" },
	{ HEAD "    needs: [{kind: release, replay: true}]\n", "f.yml:6:29: replay needs a replay section",
	  "" },
	/* meanings and decisions */
	{ HEAD "    meanings: [{job: a}]\n", "f.yml:6:16: meaning: means must be", "" },
	{ HEAD "    meanings: [{job: a, means: warned, whole: true}]\n",
	  "f.yml:6:40: a run that warned did its work", "" },
	{ HEAD "    meanings: [{job: a, means: skipped, conclusion: green}]\n",
	  "f.yml:6:41: conclusion cannot be green", "known are success failure cancelled" },
	{ HEAD "    meanings: [{job: a, means: skipped, conclusion: other}]\n",
	  "f.yml:6:41: conclusion must be one of the forge's", "" },
	{ HEAD "    decisions: [{name: d, artifact: a, entry: e, pointers: [/x]}]\n",
	  "f.yml:6:17: a decision of kind artifact needs yes", "" },
	{ HEAD "    decisions: [{name: d, artifact: a, entry: e, pointers: [x], yes: [y]}]\n",
	  "f.yml:6:61: x is no JSON pointer", "" },
	{ HEAD "    decisions: [{name: d, job: j}]\n", "f.yml:6:17: a decision of kind log needs yes", "" },
	{ HEAD "    decisions: [{name: d, job: j, yes: [y], entry: e}]\n",
	  "f.yml:6:45: a decision of kind log has no entry", "" },
	{ HEAD "    decisions: [{name: d, job: j, yes: [y], no: [y]}]\n", "f.yml:6:50: y has two meanings",
	  "" },
	{ HEAD "    decisions: [{name: d, job: j, yes: [y], no: [n], na: [n]}]\n",
	  "f.yml:6:59: n has two meanings", "" },
	{ HEAD "    decisions: [{name: d, job: j, yes: [y], stage: s}]\n", "f.yml:6:45: there is no stage s",
	  "" },
	/* locks, approvals, knobs */
	{ HEAD "    locks: [{group: 'x-${{ inputs.a }}-{nonce}'}]\n",
	  "f.yml:6:14: {nonce} is no placeholder here", "" },
	{ HEAD "    locks: [{group: 'x-${{ inputs.a'}]\n",
	  "f.yml:6:14: the expression in x-${{ inputs.a never ends", "" },
	{ HEAD "    locks: [{group: 'x-{nonce}'}]\n", "f.yml:6:14: {nonce} is no placeholder here",
	  "only {release} {sha} {ref} {version} {repo} may stand here" },
	{ HEAD "    locks: [{group: x, cancels: true, queue: 2}]\n", "f.yml:6:39: nobody queues", "" },
	{ HEAD "    locks: [{group: x, queue: 0}]\n", "f.yml:6:24: queue must be between 1 and 100", "" },
	{ HEAD "    locks: [{group: x, workflows: [y]}]\n", "f.yml:6:36: y is no workflow file", "" },
	{ HEAD "    locks: [{group: x}, {group: x}]\n", "f.yml:6:26: x is here twice", "" },
	{ HEAD "    approvals: [{environment: x, signatures: 11}]\n",
	  "f.yml:6:34: signatures must be between 0 and 10", "" },
	{ HEAD "    approvals: [{environment: x, wanted: 0}]\n",
	  "f.yml:6:34: wanted must be between 1 and 10", "" },
	{ HEAD "    approvals: [{environment: x, wait_min: 43201}]\n",
	  "f.yml:6:34: wait_min must be between 0", "" },
	{ HEAD "    knobs: [{name: k, declared: d}]\n",
	  "f.yml:6:13: knob k: file and pointer, or live and key", "" },
	{ HEAD "    knobs: [{name: k, declared: d, file: w.yml}]\n", "f.yml:6:36: file needs pointer", "" },
	{ HEAD "    knobs: [{name: k, declared: d, key: x}]\n", "f.yml:6:36: key needs live", "" },
	{ HEAD "    knobs: [{name: k, declared: d, live: x, key: x}]\n",
	  "f.yml:6:36: x is no path below a site", "" },
	{ HEAD "    knobs: [{name: k, declared: d, file: w.yml, pointer: /a, order: [e]}]\n",
	  "f.yml:6:62: d, which is declared, is not in the order", "" },
	/* grammar, probes */
	{ HEAD "    grammar: {tag: '(a', groups: [sha]}\n", "f.yml:6:15: the expression does not compile",
	  "" },
	{ HEAD "    grammar: {tag: '(a)', groups: [sha, date]}\n",
	  "f.yml:6:27: the expression has 1 groups and 2 are named", "" },
	{ HEAD "    grammar: {tag: '(a)'}\n", "f.yml:6:5: the expression has 1 groups and 0", "" },
	{ HEAD "    grammar: {tag: 'a'}\n", "f.yml:6:5: a grammar that keeps nothing", "" },
	{ HEAD "    grammar: {tag: '(a)', groups: [skip]}\n", "f.yml:6:27: a grammar that keeps nothing",
	  "" },
	{ HEAD "    grammar: {tag: '(a)(b)', groups: [sha, sha]}\n", "f.yml:6:44: sha is here twice", "" },
	{ HEAD "    grammar: {tag: '(a)', groups: [hash]}\n", "f.yml:6:36: a group is version, date", "" },
	{ HEAD "    grammar: {tag: '((a{60}){60}){60}', groups: [sha, skip]}\n",
	  "f.yml:6:15: the expression repeats too much", "" },
	{ HEAD "    grammar: {tag: 'a{1000}', groups: [sha]}\n",
	  "f.yml:6:15: the expression repeats too much", "" },
	{ HEAD "    grammar: {tag: '(a*)\\1', groups: [sha]}\n",
	  "f.yml:6:15: the expression has a back reference", "" },
	{ HEAD "    probes: [{name: x}]\n", "f.yml:6:14: probe: kind must be deployments, url, pins or image",
	  "" },
	{ HEAD "    probes: [{kind: url}]\n", "f.yml:6:14: a probe of kind url needs pointer", "" },
	{ HEAD "    probes: [{kind: url, pointer: /a, url: 'http://x/'}]\n",
	  "f.yml:6:39: http://x/ is no URL", "" },
	{ HEAD "    probes: [{kind: url, pointer: /a, url: '//x'}]\n", "f.yml:6:39: //x is no path", "" },
	{ HEAD "    probes: [{kind: url, pointer: /a, run_like: x}]\n",
	  "f.yml:6:39: run_like needs run_pointer", "" },
	{ HEAD "    probes: [{kind: url, pointer: /a, run_pointer: /b, run_like: x}]\n",
	  "f.yml:6:56: run_like must hold {run} once", "" },
	{ HEAD "    probes: [{kind: pins, files: [a], ref: main}]\n",
	  "f.yml:6:14: a probe of kind pins needs pointers", "" },
	{ HEAD "    probes: [{kind: image, image: '{sha}', tag: v1}]\n",
	  "f.yml:6:28: {sha} is no placeholder here", "only {repo} may stand here" },
	{ HEAD "    probes: [{kind: image, image: x, tag: v1, ref: main}]\n",
	  "f.yml:6:47: a probe of kind image has no ref", "" },
	{ HEAD "    probes: [{kind: deployments, environment: p, components: [{name: a, pointer: /a}], "
	       "declared: [{name: a, pointer: /a}]}]\n",
	  "f.yml:6:88: declared needs declared_artifact", "" },
	{ HEAD "    probes: [{kind: deployments, environment: p, components: [{name: a, pointer: /a}], "
	       "declared: [{name: b, pointer: /a}], declared_artifact: x, declared_entry: y}]\n",
	  "f.yml:6:99: b is not among the components", "" },
	/* ways to act */
	{ HEAD "    rollback: replay\n", "f.yml:6:5: rollback: replay needs a replay section", "" },
	{ HEAD "    rollback: retag\n", "f.yml:6:5: rollback: retag needs a probe of kind image", "" },
	{ HEAD "    rollback: revert-pin\n", "f.yml:6:5: rollback: revert-pin needs a probe of kind pins",
	  "" },
	{ HEAD "    rollback: external\n", "f.yml:6:5: rollback: external needs a back_command", "" },
	{ HEAD "    back_warns: [x]\n", "f.yml:6:5: back_warns needs a rollback", "" },
	{ HEAD "    rollback: external\n    back_command: 'x {id}'\n",
	  "f.yml:7:5: {id} is no placeholder here", "" },
	{ HEAD "    start: merge\n", "f.yml:6:5: start: merge needs a release_pr", "" },
	{ HEAD "    release_pr: {head: a, base: b, title: '{sha}', validated: s/prod}\n",
	  "f.yml:6:5: release_pr needs start: merge", "" },
	{ HEAD "    start: merge\n    release_pr: {head: a, base: a, title: '{sha}', validated: s/prod}\n",
	  "f.yml:7:27: head and base are the same branch", "" },
	{ HEAD "    start: merge\n    release_pr: {head: a, base: b, title: x, validated: s/prod}\n",
	  "f.yml:7:36: title must hold {sha} or {sha7}", "" },
	{ HEAD "    start: merge\n    release_pr: {head: a, base: b, title: '{sha}', validated: s/prod}\n",
	  "f.yml:7:52: a lane cannot validate itself", "" },
	{ HEAD "    start: merge\n    release_pr: {head: a, base: b, title: '{sha}', validated: s/x}\n",
	  "f.yml:7:52: there is no lane s/x", "" },
	{ HEAD "    start: merge\n    release_pr: {head: a, base: b, title: '{sha}', validated: s/x, method: "
	       "ff}\n",
	  "f.yml:7:68: method must be merge, squash or rebase", "" },
	{ HEAD "    release_pr: x\n", "f.yml:6:5: release_pr must be a map of keys and values", "" },
	{ HEAD "    replay: {workflow: w.yml, ref: main, input: i, package: '{release}'}\n",
	  "f.yml:6:14: a replay has a workflow of its own", "" },
	{ HEAD "    replay: {workflow: r.yml, ref: main, input: i, package: p}\n",
	  "f.yml:6:52: package must hold {release} once", "" },
	{ HEAD "    replay: {workflow: r.yml, ref: main, input: i}\n",
	  "f.yml:6:5: replay: package is missing", "" },
	{ HEAD "    labels: [{name: 'a,b'}]\n", "f.yml:6:15: a,b is no label", "" },
	{ HEAD "    aliases: [w.yml]\n", "f.yml:6:5: w.yml is the workflow itself", "" },
	{ HEAD "  - environment: b\n    workflow: v.yml\n    aliases: [w.yml]\n",
	  "f.yml:5:5: w.yml is another name for v.yml, the workflow of s/b", "" },
	/* watching, freeze */
	{ HEAD "    canary: {window_s: 1}\n", "f.yml:6:5: canary: steps is missing", "" },
	{ HEAD "    canary: {window_s: 1, steps: [5, 5]}\n", "f.yml:6:38: steps are percent", "" },
	{ HEAD "    canary: {window_s: 1, steps: [101]}\n", "f.yml:6:35: steps are percent", "" },
	{ HEAD "    canary: {window_s: 1, steps: [5], decision: d}\n", "f.yml:6:39: there is no decision d",
	  "" },
	{ HEAD "    canary: {window_s: 9001, steps: [5]}\n",
	  "f.yml:6:14: a window of 9001 s needs an interval_s of at least 31", "" },
	{ CANARY "interval_s: 4}\n", "f.yml:6:39: interval_s must be", "" },
	{ CANARY "weight: [{jobs: x}]}\n", "f.yml:6:48: weight: from must be deployment", "" },
	{ CANARY "weight: [{from: jobs}]}\n", "f.yml:6:48: a weight of kind jobs needs jobs", "" },
	{ CANARY "weight: [{from: jobs, jobs: x}]}\n", "f.yml:6:61: jobs must hold {percent} once", "" },
	{ CANARY "weight: [{from: log, job: x, lines: ['a', '{percent}']}]}\n",
	  "f.yml:6:76: lines must hold {percent} once", "" },
	{ CANARY "weight: [{from: deployment, environment: x, pointer: y}]}\n",
	  "f.yml:6:83: y is no JSON pointer", "" },
	{ CANARY "weight: [{from: argo, namespace: X, name: y}]}\n",
	  "f.yml:6:61: X is no name of an object in a cluster", "" },
	{ CANARY "weight: [{from: argo, namespace: x, name: y, gate: 'https://x'}]}\n",
	  "f.yml:6:84: a weight of kind argo has no gate", "" },
	{ CANARY "weight: [{from: flagger, namespace: x, name: y, gate: 'http://x'}]}\n",
	  "f.yml:6:87: http://x is no URL", "" },
	{ CANARY "seen: {}}\n", "f.yml:6:39: seen: query is missing", "" },
	{ CANARY "source: {url: 'http://x'}}\n", "f.yml:6:48: http://x is no URL", "" },
	{ CANARY "source: {token_file: x}}\n", "f.yml:6:48: x is no absolute path", "" },
	{ CANARY "metrics: [" GAUGE "}, " GAUGE "}]}\n", "f.yml:6:97: m is here twice", "" },
	{ CANARY "metrics: [{name: m, control: a, canary: b}]}\n", "f.yml:6:49: metric: kind must be errors",
	  "" },
	{ CANARY "metrics: [" GAUGE ", control_total: c}]}\n",
	  "f.yml:6:95: a metric of kind gauge has no control_total", "" },
	{ CANARY "metrics: [" COUNTED ", control_bad: e}]}\n",
	  "f.yml:6:49: metric m: canary_bad or canary_good is missing", "" },
	{ CANARY "metrics: [" COUNTED ", control_bad: e, canary_bad: f, canary_good: g}]}\n",
	  "f.yml:6:162: canary_bad and canary_good say the same", "" },
	{ CANARY "metrics: [" COUNTED ", control_good: 'e{le=\"{limit}\"}', canary_good: f}]}\n",
	  "f.yml:6:131: {limit} needs limit or limit_file", "" },
	{ CANARY "metrics: [" COUNTED ", control_bad: e, canary_bad: f, baseline: '1'}]}\n",
	  "f.yml:6:162: baseline must be a share between 0 and 1, not 1", "" },
	{ CANARY "metrics: [" GAUGE ", limit: many}]}\n",
	  "f.yml:6:95: limit must be a decimal number, not many", "" },
	{ CANARY "metrics: [" GAUGE ", scale: '0'}]}\n",
	  "f.yml:6:95: scale must be a decimal number above nought, not 0", "" },
	{ CANARY "metrics: [" GAUGE ", limit_file: x}]}\n", "f.yml:6:95: limit_file needs limit_pointer",
	  "" },
	{ CANARY "metrics: [" GAUGE ", limit: '1', limit_file: x, limit_pointer: /a}]}\n",
	  "f.yml:6:107: the limit stands here or in a file", "" },
	{ CANARY "budget: {objective: '100'}}\n", "f.yml:6:48: objective must be a percent", "" },
	{ CANARY "control: [{acts: [hold]}]}\n", "f.yml:6:49: control: by must be gate", "" },
	{ CANARY "control: [{by: cancel}]}\n", "f.yml:6:49: control by cancel: acts is missing", "" },
	{ CANARY "control: [{by: cancel, acts: [hold]}]}\n", "f.yml:6:69: control by cancel cannot hold",
	  "" },
	{ CANARY "control: [{by: cancel, acts: [stop]}]}\n", "f.yml:6:69: an act is hold, resume", "" },
	{ CANARY "control: [{by: gate, acts: [hold]}]}\n",
	  "f.yml:6:49: a control of kind gate needs environment", "" },
	{ CANARY "control: [{by: tag, acts: [hold], name: -x}]}\n", "f.yml:6:73: -x is no branch and no tag",
	  "" },
	{ HEAD "    attestation: {list: /a, jwks: 'http://x'}\n", "f.yml:6:29: http://x is no URL", "" },
	{ HEAD "    attestation: {list: /a, jwks: 'https://x', chain: /b}\n",
	  "f.yml:6:48: chain must hold {id} once", "" },
	{ HEAD "    attestation: {list: /a, jwks: 'https://x', pins: p, pins_pointer: /m}\n",
	  "f.yml:6:48: p is no need of kind asset", "" },
	{ MACHINES "wants: [report]}\n", "f.yml:6:56: report is none of quote and token", "" },
	{ MACHINES "tcb_allowed: [Fine]}\n", "f.yml:6:62: Fine is no level that Intel knows", "" },
	{ MACHINES "tcb_allowed: [Revoked]}\n", "f.yml:6:62: a revoked level is never good", "" },
	{ MACHINES "drop: [a.b]}\n", "f.yml:6:55: a.b is no name of a member", "" },
	{ MACHINES "drop: [a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a]}\n", "f.yml:6:87: drop has more than 16 names",
	  "" },
	{ MACHINES "platforms: [xy]}\n", "f.yml:6:60: xy is no FMSPC or PPID in hexadecimal digits", "" },
	{ MACHINES "nonce: strict}\n", "f.yml:6:48: nonce needs binding", "" },
	{ MACHINES "age: warn}\n", "f.yml:6:48: age needs max_age_s", "" },
	{ MACHINES "rtmr: strict}\n", "f.yml:6:5: attestation: pins is missing", "" },
	{ MACHINES "max_age_s: 0}\n", "f.yml:6:48: max_age_s must be between 1 and 2592000", "" },
	{ MACHINES "trusted: 'https://x'}\n", "f.yml:6:48: https://x is no path below a site", "" },
	{ MACHINES "collateral: here.json}\n", "f.yml:6:48: collateral must be an absolute path", "" },
	{ PROOF "policy: strict}\n", "f.yml:6:5: proof: subjects is missing", "" },
	{ PROOF "policy: none}\n", "f.yml:6:5: a proof of kind none needs why", "" },
	{ PROOF "policy: none, why: ''}\n", "f.yml:6:27: why must be a sentence", "" },
	{ PROOF "policy: none, why: x, ref: refs/heads/main}\n",
	  "f.yml:6:35: a proof of kind none has no ref", "" },
	{ PROOF "why: x, identity: x}\n", "f.yml:6:13: a proof of kind public has no why", "" },
	{ PROOF SUBJECT "}]}\n", "f.yml:6:5: proof: identity is missing", "" },
	{ PROOF "any_identity: true, " SUBJECT "}]}\n", "f.yml:6:45: there is no probe of kind pins", "" },
	{ PROOF "any_identity: true, identity: x, " SUBJECT "}]}\n", "f.yml:6:13: identity is given", "" },
	{ PROOF "policy: loose}\n", "f.yml:6:13: policy cannot be loose", "known are strict relaxed" },
	{ PROOF "kind: key, " SUBJECT "}]}\n", "f.yml:6:5: a proof of kind key needs key", "" },
	{ PROOF "kind: key, key: k.pem, " SUBJECT "}]}\n", "f.yml:6:24: key must be an absolute path", "" },
	{ PROOF "kind: key, key: /k.pem, identity: x}\n", "f.yml:6:37: a proof of kind key has no identity",
	  "" },
	{ PROOF "identity: '{nonce}', " SUBJECT "}]}\n", "f.yml:6:13: {nonce} is no placeholder here", "" },
	{ PROOF "identity: x, issuer: 'http://x', " SUBJECT "}]}\n", "f.yml:6:26: http://x is no URL", "" },
	{ PROOF "identity: x, ref: main, " SUBJECT "}]}\n", "f.yml:6:26: ref must be whole", "" },
	{ PROOF "identity: x, repo_id: x1, " SUBJECT "}]}\n", "f.yml:6:26: x1 is no number", "" },
	{ PROOF "identity: x, runner: mine, " SUBJECT "}]}\n", "f.yml:6:26: runner must be", "" },
	{ PROOF "identity: x, max_age_h: 0, " SUBJECT "}]}\n", "f.yml:6:26: max_age_h must be", "" },
	{ PROOF "subjects: [{wants: [sbom]}]}\n", "f.yml:6:24: subject: one of asset and probe", "" },
	{ PROOF "subjects: [{probe: pins}]}\n", "f.yml:6:24: subject: wants is missing", "" },
	{ PROOF "subjects: [{probe: pins, wants: [luck]}]}\n", "f.yml:6:46: luck is none of provenance", "" },
	{ PROOF "subjects: [{probe: pins, wants: [release]}]}\n",
	  "f.yml:6:38: a release attestation is about assets", "" },
	{ PROOF "subjects: [{probe: pins, wants: [sbom], pointers: [/a]}]}\n",
	  "f.yml:6:53: pointers need an asset", "" },
	{ PROOF SUBJECT ", predicate: x}]}\n", "f.yml:6:53: x is no URI", "" },
	{ PROOF "identity: x, subjects: [{asset: a, wants: [sbom]}]}\n",
	  "f.yml:6:38: a is no need of kind asset", "" },
	{ HEAD "freezes: [{name: x}]\n", "f.yml:6:11: freeze: kind must be tag, label or file", "" },
	{ HEAD "freezes: [{kind: tag, name: -x}]\n", "f.yml:6:23: -x is no branch and no tag", "" },
	{ HEAD "freezes: [{kind: file, path: /x, pointer: /a, ref: main}]\n",
	  "f.yml:6:24: /x is no file of a repository", "" },
	{ HEAD "freezes: [{kind: file, path: x, pointer: /a}]\n",
	  "f.yml:6:11: a freeze of kind file needs ref", "" },
	{ HEAD "freezes: [{kind: file, path: x, pointer: /a, ref: main, override_path: y}]\n",
	  "f.yml:6:57: override_path needs override_pointer", "" },
	{ HEAD "freeze_exempt: [prod]\n", "f.yml:6:1: freeze_exempt needs freezes", "" },
	{ HEAD "freezes: [{kind: tag, name: f}]\nfreeze_exempt: [stage]\n",
	  "f.yml:7:17: there is no lane stage", "" },
	/* hostile text */
	{ "name: &a n\nsystem: *a\n", "f.yml:1:7: anchors are not allowed", "" },
	{ "name: n\nname: m\n", "f.yml:2:1: name is here twice", "" },
	{ "name: !!binary n\n", "f.yml:1:7: tags are not allowed", "" },
	{ "name: \"a\\0b\"\n", "f.yml:1:7: a NUL in a string", "" },
	{ "? [a]\n: b\n", "f.yml:1:3: a key must be text", "" },
	{ "name: n\n---\nname: m\n", "f.yml:2:1: a second document", "" },
	{ "name: \"\\e[2J\"\nsystem: s\nlanes:\n", "f.yml:1:1: name must be lower case", "" },
	{ "name: \xff\n", "f.yml:1:", "" },
	{ "{", "f.yml:", "" },
};

static void refusals_name_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(refusals); i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct profile p;
		struct err e = ERR_INIT;

		if (parse(&p, refusals[i].text, &a, &e) != -ERR_INVALID)
			fail_msg("%s was taken", refusals[i].text);
		if (!text_starts(e.message, refusals[i].message))
			fail_msg("%s\n%s", refusals[i].text, e.message);
		if (!strstr(e.hint, refusals[i].hint))
			fail_msg("%s\nhint: %s", refusals[i].text, e.hint);
		assert_true(text_is_safe(e.message));
	}
}

static void lists_have_ends(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf text = BUF_INIT(1 << 20), deep = BUF_INIT(1 << 20);
	struct profile p;
	struct err e = ERR_INIT;

	(void)state;
	buf_str(&text, HEAD "redact: [");
	for (int i = 0; i < 65; i++)
		buf_fmt(&text, "x%d,", i);
	buf_str(&text, "]\n");
	assert_int_equal(parse(&p, text.s, &a, &e), -ERR_INVALID);
	assert_string_equal(e.message, "f.yml:6:1: redact has more than 64 elements");
	buf_reset(&text);
	buf_str(&text, GO "    inputs:\n");
	for (int i = 0; i < 26; i++)
		buf_fmt(&text, "      - name: x%d\n", i);
	assert_int_equal(parse(&p, text.s, &a, &e), -ERR_INVALID);
	assert_string_equal(e.message, "f.yml:8:5: a dispatch takes at most 25 inputs");
	buf_fill(&deep, '[', 100000);
	assert_int_equal(parse(&p, deep.s, &a, &e), -ERR_INVALID);
}

/* Each key of each section is taken where the tables say it stands, and nothing else is. */
static void write_key(struct buf *out, const struct profile_key *k)
{
	buf_fmt(out, "%s: %s\n", k->field.name, k->kind == KEY_VALUE || k->kind == KEY_MAP ? "" : "[]");
}

static void every_key_is_known(void **state)
{
	size_t n;
	const struct profile_section *const *s = profile_sections(&n);

	(void)state;
	assert_string_equal(s[0]->name, "profile");
	for (int i = 0; i < s[0]->n; i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		autofree(buf) struct buf text = BUF_INIT(4096);
		struct profile p;
		struct err e = ERR_INIT;

		write_key(&text, &s[0]->keys[i]);
		assert_int_equal(parse(&p, text.s, &a, &e), -ERR_INVALID);
		assert_null(strstr(e.message, "has no key"));
	}
}

static bool is_sentence(const char *s)
{
	size_t n = strlen(s);

	return n > 5 && s[n - 1] == '.' && text_is_safe(s);
}

static bool is_inner(const struct profile_key *k)
{
	return k->kind == KEY_SECTION || k->kind == KEY_MAP;
}

static void check_key(const struct profile_section *s, const struct profile_key *key)
{
	if (!is_sentence(key->doc) || !*key->value)
		fail_msg("%s.%s is not documented", s->name, key->field.name);
	assert_true(key->field.offset < s->size);
	assert_true(is_inner(key) == (key->section != NULL));
	assert_true((key->kind == KEY_SECTION) == (key->push != NULL));
}

/* The man page is printed from the same tables: every section is reached, every key says what it is. */
static void every_key_is_documented(void **state)
{
	size_t n;
	uint64_t reached = 1;
	const struct profile_section *const *s = profile_sections(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		assert_true(is_sentence(s[i]->doc));
		for (int k = 0; k < s[i]->n; k++) {
			const struct profile_key *key = &s[i]->keys[k];
			size_t at = 0;

			check_key(s[i], key);
			while (is_inner(key) && at < n && s[at] != key->section)
				at++;
			assert_true(at < n);
			reached |= UINT64_C(1) << at;
		}
	}
	assert_int_equal(reached, (UINT64_C(1) << n) - 1);
}

/* Marks the keys of a section that a map and the maps in it give. */
static void mark(const struct profile_section *s, const struct yaml *map, struct buf *seen)
{
	for (int k = 0; k < s->n; k++) {
		const struct profile_key *key = &s->keys[k];
		const struct yaml *y = yaml_get(map, key->field.name);

		if (!y)
			continue;
		buf_fmt(seen, " %s.%s ", s->name, key->field.name);
		if (key->kind == KEY_MAP)
			mark(key->section, y, seen);
		yaml_each(it, key->kind == KEY_SECTION ? y : NULL) mark(key->section, it, seen);
	}
}

/* A profile that uses every key is taken, so no documented key is an empty promise. */
static void every_key_works(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf text = BUF_INIT(65536), seen = BUF_INIT(65536);
	struct profile p;
	struct yaml *root;
	struct err e = ERR_INIT;
	size_t n;
	const struct profile_section *const *s = profile_sections(&n);

	(void)state;
	assert_int_equal(path_read(&text, PH_SOURCE_DIR "/tests/data/profiles/whole.yml", &e), 0);
	if (profile_parse(&p, "whole.yml", text.s, text.n, &a, &e) != 0)
		fail_msg("%s", e.message);
	assert_int_equal(yaml_parse(&root, "whole.yml", text.s, text.n, &a, &e), 0);
	mark(s[0], root, &seen);
	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < s[i]->n; k++)
			if (!strstr(seen.s,
				    arena_printf(&a, " %s.%s ", s[i]->name, s[i]->keys[k].field.name)))
				fail_msg("%s.%s is not in this test", s[i]->name, s[i]->keys[k].field.name);
}

static const struct profile_lane *whole_prod(struct profile *p, struct arena *a)
{
	autofree(buf) struct buf text = BUF_INIT(65536);
	struct err e = ERR_INIT;

	assert_int_equal(path_read(&text, PH_SOURCE_DIR "/tests/data/profiles/whole.yml", &e), 0);
	assert_int_equal(profile_parse(p, "whole.yml", text.s, text.n, a, &e), 0);
	return &p->lanes.items[1];
}

static void parts_are_data(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	struct profile p;
	const struct profile_lane *l = whole_prod(&p, &a);

	(void)state;
	assert_int_equal(l->line, 32);
	assert_true(l->production && l->inputs.items[0].required && l->inputs.items[2].contract);
	assert_int_equal(l->inputs.items[0].source, SOURCE_RELEASES);
	assert_int_equal(l->inputs.items[1].type, INPUT_CHOICE);
	assert_string_equal(l->inputs.items[1].choices[1], "none");
	assert_int_equal(l->needs.items[1].values.items[0].is, VALUE_SHA256);
	assert_true(l->needs.items[1].values.items[1].optional);
	assert_string_equal(l->needs.items[2].name, "package-{sha}");
	assert_string_equal(l->needs.items[3].name, "canary.yml");
	assert_int_equal(l->needs.items[3].max_age_h, 24);
	assert_string_equal(l->needs.items[4].name, "state/ok.json");
	assert_true(l->needs.items[5].absent && l->needs.items[2].replay && l->needs.items[0].informs);
	assert_int_equal(l->follows.items[0].window_min, 30);
	assert_int_equal(l->expects.items[0].kind, EXPECT_RUN);
	assert_int_equal(l->expects.items[0].within_min, 20);
	assert_string_equal(l->expects.items[1].cron, "17 6 * * 1-5");
	assert_string_equal(l->decisions.items[0].pointers[1], "/pass");
	assert_string_equal(l->decisions.items[1].job, "Audit*");
	assert_int_equal(l->locks.items[0].queue, 3);
	assert_int_equal(l->locks.items[1].queue, 1);
	assert_true(l->locks.items[1].cancels && l->approvals.items[0].planned);
	assert_string_equal(l->knobs.items[0].order[0], "strict");
	assert_string_equal(l->probes.items[0].declared.items[0].pointer, "/image");
	assert_int_equal(l->probes.items[3].kind, PROBE_IMAGE);
	assert_int_equal(l->rollback, BACK_REPLAY);
	assert_string_equal(l->replay->package, "package-{release}");
	assert_string_equal(l->canary->steps[2], "100");
	assert_int_equal(l->canary->interval_s, 15);
	assert_int_equal(l->canary->weight.n, WEIGHT_METRIC);
	assert_string_equal(l->canary->weight.items[4].lines[0], "*to {percent}%*");
	assert_string_equal(l->canary->source->token_file, "/etc/pilothouse/token");
	assert_string_equal(l->canary->metrics.items[1].canary_good, "f{le=\"{limit}\"}");
	assert_true(l->canary->metrics.items[2].raw && l->canary->metrics.items[2].worse == WORSE_LOWER);
	assert_int_equal(l->canary->budget->window_d, 7);
	assert_int_equal(l->canary->control.n, CONTROL_CANCEL);
	assert_string_equal(l->attestation->pins, "pins");
	assert_int_equal(l->attestation->policy, PROOFS_RELAXED);
	assert_int_equal(l->attestation->tcb, HARD_STRICT);
	assert_int_equal(l->attestation->signature, HARD_OFF);
	assert_int_equal(l->attestation->binding, BOUND_HEX);
	assert_true(attestation_wants(l->attestation, "token") && l->attestation->service_td);
	assert_int_equal(l->proof->policy, PROOFS_RELAXED);
	assert_int_equal(l->proof->kind, SIGNER_PUBLIC);
	assert_int_equal(l->proof->max_age_h, 12);
	assert_string_equal(l->proof->repo_id, "1234");
	assert_int_equal(l->proof->subjects.n, 3);
	assert_string_equal(l->proof->subjects.items[0].wants[1], "sbom");
	assert_string_equal(l->proof->subjects.items[1].pointers[0], "/image");
	assert_true(l->proof->subjects.items[2].informs && !l->proof->subjects.items[1].informs);
	assert_string_equal(p.lanes.items[2].release_pr->method, "squash");
	assert_int_equal(p.freezes.items[2].kind, FREEZE_FILE);
	assert_string_equal(p.freeze_exempt[0], "hotfix");
}

static void percents_are_told_once(void **state)
{
	static const struct {
		const char *glob, *text;
		int64_t bp;
	} cases[] = {
		{ "canary-{percent}", "canary-25", 2500 },
		{ "canary-{percent}", "canary-25 / deploy", -1 },
		{ "canary-{percent}*", "canary-25 / deploy", 2500 },
		{ "canary-{percent}*", "canary-12.5", 1250 },
		{ "canary-{percent}*", "canary-0.25 x", 25 },
		{ "canary-{percent}*", "canary-0.125", -1 },
		{ "canary-{percent}*", "canary-101", -1 },
		{ "canary-{percent}*", "canary-100", 10000 },
		{ "canary-{percent}*", "canary-99999999999999999999", -1 },
		{ "canary-{percent}*", "canary-", -1 },
		{ "*canary {percent}%*", "2 of 4: canary 25% for 300 s", 2500 },
		{ "*{percent}%*", "from 5% to 25%", -1 },
		{ "*{percent}%*", "25% is 25%", 2500 },
		{ "{percent}", "0", 0 },
	};
	autofree(arena) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < countof(cases); i++) {
		int64_t bp = profile_percent_in(cases[i].glob, cases[i].text, &a);

		if (bp != cases[i].bp)
			fail_msg("%s in %s is %" PRId64, cases[i].glob, cases[i].text, bp);
	}
}

/* The example of each section is one of its maps, and good. */
static void examples_of_sections_work(void **state)
{
	size_t n;
	const struct profile_section *const *s = profile_sections(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		autofree(arena) struct arena a = ARENA_INIT;
		struct yaml *map = NULL;
		struct err e = ERR_INIT;

		assert_true((i == 0) == (s[i]->example == NULL));
		if (i == 0)
			continue;
		assert_int_equal(yaml_parse(&map, s[i]->name, s[i]->example, strlen(s[i]->example), &a, &e),
				 0);
		if (profile_decode(s[i], map, arena_alloc(&a, s[i]->size), &a, &e) != 0)
			fail_msg("%s", e.message);
	}
}

/* The page's own example is a good profile, and the page has the keys printed into it. */
static void the_example_of_the_page_works(void **state)
{
	autofree(arena) struct arena a = ARENA_INIT;
	autofree(buf) struct buf page = BUF_INIT(1 << 16);
	const char *begin, *end;
	struct profile p;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(path_read(&page, PH_SOURCE_DIR "/man/pilothouse-profile.5.in", &e), 0);
	assert_non_null(strstr(page.s, "\n@PROFILE_KEYS@\n"));
	begin = strstr(page.s, ".Bd -literal");
	assert_non_null(begin);
	begin = strchr(begin, '\n') + 1;
	end = strstr(begin, ".Ed");
	assert_non_null(end);
	if (profile_parse(&p, "page", begin, (size_t)(end - begin), &a, &e) != 0)
		fail_msg("%s", e.message);
	assert_string_equal(p.lanes.items[0].name, "shop/prod");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_profile),
		cmocka_unit_test(refusals_name_the_place),
		cmocka_unit_test(lists_have_ends),
		cmocka_unit_test(every_key_is_known),
		cmocka_unit_test(every_key_is_documented),
		cmocka_unit_test(every_key_works),
		cmocka_unit_test(parts_are_data),
		cmocka_unit_test(percents_are_told_once),
		cmocka_unit_test(examples_of_sections_work),
		cmocka_unit_test(the_example_of_the_page_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
