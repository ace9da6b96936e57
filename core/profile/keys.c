#include "core/profile/keys.h"

#include "core/model/model.h"
#include "core/profile/profile.h"

static const char *const need_words[] = { "other", "release", "asset", "artifact",
					  "fresh", "file",    "label", "tag" };
const struct names need_kind_names = NAMES(need_words);
static const char *const expect_words[] = { "other", "push", "schedule", "run" };
const struct names expect_kind_names = NAMES(expect_words);
static const char *const start_words[] = { "none", "auto", "dispatch", "merge" };
const struct names start_kind_names = NAMES(start_words);
static const char *const lane_lock_words[] = { "none", "branch-deploy" };
const struct names lane_lock_names = NAMES(lane_lock_words);
static const char *const meaning_words[] = { "other", "skipped", "not-required", "warned", "vacuous" };
const struct names meaning_kind_names = NAMES(meaning_words);
static const char *const probe_words[] = { "other", "deployments", "url", "pins", "image" };
const struct names probe_kind_names = NAMES(probe_words);
static const char *const rollback_words[] = {
	"none", "dispatch", "replay", "retag", "revert-pin", "external"
};
const struct names rollback_kind_names = NAMES(rollback_words);
static const char *const freeze_words[] = { "other", "tag", "label", "file" };
const struct names freeze_kind_names = NAMES(freeze_words);
static const char *const source_words[] = { "free", "releases", "packages", "branches", "commits" };
const struct names source_kind_names = NAMES(source_words);
static const char *const type_words[] = { "string", "boolean", "choice", "number", "environment" };
const struct names input_type_names = NAMES(type_words);

static const char *const weight_words[] = { "other", "deployment", "status",  "jobs",  "artifact",
					    "log",   "argo",       "flagger", "metric" };
const struct names weight_kind_names = NAMES(weight_words);
static const char *const metric_words[] = { "other", "errors", "latency", "gauge" };
const struct names canary_metric_kind_names = NAMES(metric_words);
static const char *const worse_words[] = { "higher", "lower" };
const struct names metric_worse_names = NAMES(worse_words);
static const char *const control_words[] = {
	"other", "gate", "variable", "tag", "argo", "flagger", "cancel"
};
const struct names control_kind_names = NAMES(control_words);

/* The first is the default: strict, and the public instance. */
static const char *const strictness_words[] = { "strict", "relaxed" };
const struct names proof_strictness_names = NAMES(strictness_words);
static const char *const policy_words[] = { "strict", "relaxed", "none" };
const struct names proof_policy_names = NAMES(policy_words);
static const char *const signer_words[] = { "public", "github", "release", "key" };
const struct names proof_signer_names = NAMES(signer_words);
static const char *const want_words[] = { "other", "provenance", "sbom", "release", "signature" };
const struct names proof_want_names = NAMES(want_words);

/* clang-format off */
#define AT(s, m) { .name = #m, .offset = offsetof(struct s, m) }
#define TEXT(s, m, what, words) { .field = FIELD(s, m), .value = what, .doc = words }
#define NEEDED(s, m, what, words) { .field = FIELD_REQ(s, m), .value = what, .doc = words }
#define WORD(s, m, table, what, words) { .field = FIELD_ENUM(s, m, table), .value = what, .doc = words }
#define YES(s, m, words) TEXT(s, m, "true or false", words)
#define TEXTS(s, m, what, words) { .field = AT(s, m), .kind = KEY_TEXTS, .value = what, .doc = words }
#define MAPS(s, m, sect, words) { .field = AT(s, m), .kind = KEY_SECTION, .value = "list of " #sect " maps", \
	.doc = words, .section = &section_##sect, .push = s##_push_##m }
#define MAP(s, m, sect, words) { .field = AT(s, m), .kind = KEY_MAP, .value = "one " #sect " map", .doc = words, \
	.section = &section_##sect }
#define PUSH(s, m) static void *s##_push_##m(void *object, struct arena *a) { return vec_push(&((struct s *)object)->m, a); }
#define SECTION(word, type, line, words, sample) const struct profile_section section_##word = { .name = #word, .doc = words, \
	.size = sizeof(struct type), .keys = word##_keys, .n = (int)countof(word##_keys), .line_at = line, \
	.check = profile_check_##word, .example = sample }

static const struct profile_key input_keys[] = {
	NEEDED(profile_input, name, "text", "Name of the workflow's input."),
	TEXT(profile_input, value, "template", "Sent when the person gives nothing. Without it nothing is sent unless the "
		"person gives a value."),
	YES(profile_input, required, "A dispatch without a value is refused."),
	TEXT(profile_input, pattern, "glob", "What a value must match; * and ? only."),
	WORD(profile_input, type, &input_type_names, "string, boolean, choice, number or environment", "What the workflow "
		"declares it as. The default is string."),
	TEXTS(profile_input, choices, "list of texts", "What a choice may be."),
	WORD(profile_input, source, &source_kind_names, "free, releases, packages, branches or commits", "Where the values "
		"stand that a person may choose from. The default is free: any."),
	TEXT(profile_input, exception, "text", "What another value than the default sets aside, in words: shown with the plan as "
		"an exception."),
	YES(profile_input, contract, "The input belongs to the contract between pilothouse and the workflow and not to the "
		"delivery system itself: an organisation whose workflow does not declare it takes it out of a copy of the "
		"profile, since the forge refuses unknown inputs."),
};
static SECTION(input, profile_input, offsetof(struct profile_input, line), "One input of the dispatch.",
	"name: release_tag\n"
	"value: \"{release}\"\n"
	"required: true\n"
	"source: releases\n");

static const struct profile_key value_keys[] = {
	NEEDED(profile_value, pointer, "JSON pointer", "Where the value stands: /releasePackage/apiRef."),
	WORD(profile_value, is, &value_kind_names, "any, text, object, list, true-false, time, commit, sha256, image or "
		"measurements", "What it must be: text is not empty, commit has 40 hexadecimal digits and sha256 64, image is "
		"NAME@sha256:DIGEST, measurements are 96 digits each with commas between. The default is any."),
	TEXT(profile_value, equals, "template", "What it must be equal to."),
	YES(profile_value, optional, "It may be absent; a wrong value is still bad."),
};
static SECTION(value, profile_value, -1, "A value that a document must have.",
	"pointer: /digest\n"
	"is: sha256\n");

PUSH(profile_need, values)

static const struct profile_key need_keys[] = {
	WORD(profile_need, kind, &need_kind_names, "release, asset, artifact, fresh, file, label or tag", "A published release "
		"of the tag; an asset of it; an artifact of a run that has not expired; a recent success of another workflow; a "
		"file in the repository; a label on an open pull request; a git tag."),
	TEXT(profile_need, name, "text", "Short name, shown in checks. Of a label or a tag: its name, may be a template."),
	TEXTS(profile_need, files, "list of file names", "Names of the asset, or paths of the file, in order of preference. Those "
		"of an asset may have {release} and {version}."),
	TEXT(profile_need, workflow, "file name", "The workflow that must have succeeded (fresh), whose runs alone count "
		"(artifact), or that makes the asset."),
	TEXT(profile_need, artifact, "template", "Name of the artifact: release-package-{release}."),
	TEXT(profile_need, entry, "glob", "The one file in the artifact that is read."),
	TEXT(profile_need, ref, "template", "Where the file is read; the default is the ref of the act."),
	TEXT(profile_need, branch, "text", "Only successes on this branch count."),
	TEXT(profile_need, max_age_h, "hours", "How old the success may be."),
	YES(profile_need, absent, "It must not be there."),
	YES(profile_need, informs, "It is shown and never stops an act."),
	YES(profile_need, replay, "It is asked for by a replay only."),
	MAPS(profile_need, values, value, "What the document must have."),
	TEXT(profile_need, fix, "template", "What to do when it is missing."),
};
static SECTION(need, profile_need, -1, "One thing that must be there, or must not, before an act.",
	"kind: fresh\n"
	"name: canary\n"
	"workflow: auth-canary.yml\n"
	"branch: main\n"
	"max_age_h: 24\n"
	"fix: dispatch auth-canary.yml\n");

static const struct profile_key stage_keys[] = {
	NEEDED(profile_stage, name, "text", "Name of the stage, shown as progress."),
	TEXTS(profile_stage, jobs, "list of globs", "Jobs of the stage by their names; * and ? only. A job of a called "
		"workflow is named \"caller / callee\". A job belongs to the first stage that matches."),
};
static SECTION(stage, profile_stage, -1, "Jobs that are shown as one step of progress.",
	"name: deploy\n"
	"jobs: [deploy, \"deploy / *\", \"Deploy to *\"]\n");

static const struct profile_key follow_keys[] = {
	NEEDED(profile_follow, workflow, "file name", "Workflow file of the run that is started."),
	TEXT(profile_follow, name, "text", "What it is called on screens."),
	TEXT(profile_follow, ref, "template", "The ref it runs on; any when not given."),
	TEXT(profile_follow, window_min, "minutes", "It begins within so long after its parent; the default is 60."),
};
static SECTION(follow, profile_follow, -1, "A run that a run of this lane starts and does not wait for: its end is not "
	"covered by a green parent.",
	"workflow: deploy-examples.yml\n"
	"name: examples\n"
	"ref: \"{release}\"\n"
	"window_min: 60\n");

static const struct profile_key expect_keys[] = {
	WORD(profile_expect, kind, &expect_kind_names, "push, schedule or run", "What begins a run: a push to the branch, a "
		"schedule, or the success of a run of another workflow. A workflow that looks at paths is begun by some pushes "
		"only: expect nothing of it."),
	TEXT(profile_expect, workflow, "file name", "The workflow that begins; the lane's own when not given."),
	TEXT(profile_expect, branch, "text", "The branch that is pushed to, or that the first run was on. Required for push."),
	TEXT(profile_expect, from, "file name", "Of run: the workflow whose success begins it."),
	TEXT(profile_expect, cron, "five fields", "Of schedule: minute, hour, day, month and weekday in UTC, as the workflow file "
		"has them."),
	TEXT(profile_expect, within_min, "minutes", "How long it may take. The default is 5 after a push, 60 after a schedule "
		"and 10 after a run."),
};
static SECTION(expect, profile_expect, -1, "Something that must begin without a person. A push counts when the branch is seen "
	"to move; a commit whose first line tells the forge to skip its workflows, as [skip ci], begins nothing. A run of that commit that a person began counts too.",
	"kind: schedule\n"
	"workflow: canary.yml\n"
	"cron: \"17 6 * * *\"\n"
	"within_min: 60\n");

static const struct profile_key meaning_keys[] = {
	NEEDED(profile_meaning, job, "glob", "Jobs it speaks of; * and ? only."),
	WORD(profile_meaning, conclusion, &conclusion_names, "success, skipped, failure, ...", "How the job ended; anything when "
		"not given."),
	WORD(profile_meaning, means, &meaning_kind_names, "skipped, not-required, warned or vacuous", "What that really is: it "
		"did nothing; it was not needed; it found something and went on; it cannot fail."),
	YES(profile_meaning, whole, "The whole run then did nothing: a green one is no release."),
	TEXT(profile_meaning, words, "text", "What is shown instead of the colour's word."),
};
static SECTION(meaning, profile_meaning, -1, "What the end of a job means when it is not what its colour says. The first that "
	"fits counts.",
	"job: \"Scan *\"\n"
	"conclusion: success\n"
	"means: warned\n"
	"words: scanned; findings do not stop it\n");

static const struct profile_key decision_keys[] = {
	NEEDED(profile_decision, name, "text", "What is decided: acceptance."),
	TEXT(profile_decision, artifact, "template", "Artifact that holds it: acceptance-stage-{sha}."),
	TEXT(profile_decision, entry, "glob", "The one file in the artifact that is read."),
	TEXTS(profile_decision, pointers, "list of JSON pointers", "Where the word stands; the first that is there counts."),
	TEXTS(profile_decision, yes, "list of texts", "Words that mean yes; true and false are words too."),
	TEXTS(profile_decision, no, "list of texts", "Words that mean no."),
	TEXTS(profile_decision, na, "list of texts", "Words that mean that it was not asked."),
	TEXT(profile_decision, reasons, "JSON pointer", "List of reason codes."),
	TEXT(profile_decision, stage, "text", "The stage it decides."),
	TEXT(profile_decision, job, "glob", "The decision stands in the log of this job and nowhere else: words are then globs "
		"over its lines, and one line that says no is no."),
};
static SECTION(decision, profile_decision, -1, "A decision that a run writes down. A word that is in none of the lists, or "
	"nothing to read, is unknown.",
	"name: acceptance\n"
	"artifact: acceptance-stage-{sha}\n"
	"entry: \"*result.json\"\n"
	"pointers: [/decision, /pass]\n"
	"yes: [\"YES\", \"true\"]\n"
	"no: [\"NO\", \"false\"]\n"
	"reasons: /reasonCodes\n");

static const struct profile_key lock_keys[] = {
	NEEDED(profile_lock, group, "template", "Concurrency group; may have {release}, {ref} and {sha}, and expressions of the workflow "
		"file: ${{ github.ref }}, ${{ github.ref_name }} and ${{ inputs.NAME }} are put in where the profile gives them, of any "
		"other it is said that who holds the group is not known."),
	TEXTS(profile_lock, jobs, "list of globs", "Only these jobs hold it; the whole run when not given."),
	TEXTS(profile_lock, workflows, "list of file names", "Workflow files that share it; the lane's own when not given."),
	YES(profile_lock, cancels, "A newcomer cancels the run that holds it."),
	TEXT(profile_lock, queue, "number", "How many may wait; one more evicts the oldest of them. The default is the forge's: "
		"1."),
};
static SECTION(lock, profile_lock, -1, "A concurrency group: who holds it and who is thrown out.",
	"group: production-mutation\n"
	"jobs: [deploy-release-package]\n"
	"workflows: [pipeline.yml, replay.yml]\n"
	"queue: 1\n");

static const struct profile_key approval_keys[] = {
	NEEDED(profile_approval, environment, "text", "Environment of the forge that asks."),
	TEXTS(profile_approval, jobs, "list of globs", "Jobs it stands before."),
	TEXT(profile_approval, rounds, "number", "How often one release is asked for; the default is 1."),
	TEXT(profile_approval, wanted, "number", "Approvers that the organisation wants; the forge needs one. The default is 1."),
	TEXT(profile_approval, signatures, "number", "How many others must have signed the plan of an act that brings something to "
		"a production lane, whatever the forge asks: a rule of the console itself. The default is 0."),
	TEXT(profile_approval, wait_min, "minutes", "Timer that is expected."),
	TEXTS(profile_approval, branches, "list of globs", "The only refs that may deploy there."),
	YES(profile_approval, planned, "The document says so; the forge is not expected to have it."),
};
static SECTION(approval, profile_approval, -1, "What a person must agree to.",
	"environment: production\n"
	"jobs: [deploy, verify]\n"
	"rounds: 2\n"
	"wanted: 2\n"
	"branches: [main]\n");

static const struct profile_key knob_keys[] = {
	NEEDED(profile_knob, name, "text", "Name of the policy: rtmr_enforcement_mode."),
	NEEDED(profile_knob, declared, "text", "What the document says it is."),
	TEXT(profile_knob, file, "file name", "Where the effective one stands: a workflow file, or with a slash any file of the "
		"repository."),
	TEXT(profile_knob, pointer, "JSON pointer", "Into that file; expressions are shown as they are."),
	TEXTS(profile_knob, order, "list of texts", "Values, the strictest first. What is not among them cannot be compared."),
	TEXT(profile_knob, live, "path", "Below the site: an answer that lists the settings in force as {key, value, source}."),
	TEXT(profile_knob, key, "text", "The setting in that answer."),
};
static SECTION(knob, profile_knob, -1, "A policy as declared, and where the effective one is read.",
	"name: rtmr\n"
	"declared: strict\n"
	"file: rollout.yml\n"
	"pointer: /jobs/bootstrap/with/rtmr_enforcement_mode\n"
	"order: [strict, warn, disabled]\n");

static const struct profile_key grammar_keys[] = {
	NEEDED(profile_grammar, tag, "expression", "POSIX extended expression with groups, at most 256 bytes, without back "
		"references. It need not be anchored: it must match the whole tag."),
	TEXTS(profile_grammar, groups, "list of words", "What each group is: version, date, time or sha; skip is not kept."),
};
static SECTION(grammar, profile_grammar, -1, "How the tag of an image reads. A sha in a tag is what the tag claims.",
	"tag: \"staging-v(.+)-([0-9]{8})(-([0-9]{6}))?-([0-9a-f]{7,40})\"\n"
	"groups: [version, date, skip, time, sha]\n");

static const struct profile_key component_keys[] = {
	NEEDED(profile_component, name, "text", "What it is called on screens: api."),
	NEEDED(profile_component, pointer, "JSON pointer", "Where its value stands."),
};
static SECTION(component, profile_component, -1, "One of several things that run.",
	"name: api\n"
	"pointer: /releasePackage/apiRef\n");

PUSH(profile_probe, components)
PUSH(profile_probe, declared)

static const struct profile_key probe_keys[] = {
	WORD(profile_probe, kind, &probe_kind_names, "deployments, url, pins or image", "Payloads of the forge's deployments; an "
		"answer of the system itself; pins in files of a branch; the digest behind a tag in the registry."),
	TEXT(profile_probe, name, "text", "What is compared; of pins it is taken from the file."),
	TEXT(profile_probe, environment, "text", "Environment whose deployments count (deployments)."),
	TEXT(profile_probe, url, "URL or path", "What is asked (url); a path is below the site that --site names."),
	TEXT(profile_probe, pointer, "JSON pointer", "The datum in the answer (url)."),
	TEXT(profile_probe, run_pointer, "JSON pointer", "Where the answer names the run that brought it (url)."),
	TEXT(profile_probe, run_like, "template", "How it does, with {run} once and * for anything: \"bootstrap-{run}-*\"."),
	TEXTS(profile_probe, files, "list of globs", "Files of the tree that hold pins (pins). Here * matches folders too."),
	TEXTS(profile_probe, pointers, "list of JSON pointers", "Where the pins stand; the first that is there counts, and a map "
		"there gives one row a platform (pins)."),
	TEXT(profile_probe, ref, "text", "Branch that is read (pins)."),
	TEXT(profile_probe, subject, "glob", "Subject of the commits that pin (pins)."),
	TEXT(profile_probe, image, "template", "Repository in the registry: {repo} (image)."),
	TEXT(profile_probe, tag, "glob", "Tags that are live; the newest version counts (image)."),
	TEXT(profile_probe, realm, "URL", "Where the registry gives tokens when that is another host: https://HOST. Its credential "
		"goes there and to the registry, and nowhere else (image)."),
	TEXT(profile_probe, platform, "text", "Platform of what runs, when the system knows only one."),
	MAPS(profile_probe, components, component, "Members of the payload that are compared (deployments)."),
	TEXT(profile_probe, declared_artifact, "template", "Artifact with what was declared (deployments)."),
	TEXT(profile_probe, declared_entry, "glob", "The one file in it (deployments)."),
	MAPS(profile_probe, declared, component, "Its members, by the names of the components (deployments)."),
};
static SECTION(probe, profile_probe, -1, "Where it can be read what the lane runs.",
	"kind: url\n"
	"name: control plane\n"
	"url: /health\n"
	"pointer: /git_sha\n"
	"run_pointer: /boot_id\n"
	"run_like: \"bootstrap-{run}-*\"\n");

static const struct profile_key replay_keys[] = {
	NEEDED(profile_replay, workflow, "file name", "Workflow that delivers an existing package again."),
	TEXTS(profile_replay, aliases, "list of file names", "What the repository calls it instead."),
	NEEDED(profile_replay, ref, "text", "Branch it is dispatched on."),
	NEEDED(profile_replay, input, "text", "The input that carries the package."),
	NEEDED(profile_replay, package, "template", "Artifact that is the package, with {release}."),
};
static SECTION(replay, profile_replay, -1, "Delivering an existing package again, without building.",
	"workflow: cloud-delivery-replay.yml\n"
	"ref: main\n"
	"input: release_package_sha\n"
	"package: release-package-{release}\n");

static const struct profile_key release_pr_keys[] = {
	NEEDED(profile_release_pr, head, "text", "Branch that is merged."),
	NEEDED(profile_release_pr, base, "text", "Branch it is merged into."),
	NEEDED(profile_release_pr, title, "template", "Title by convention, with {sha} or {sha7}."),
	NEEDED(profile_release_pr, validated, "lane", "The newest success of this lane says which commit may go."),
	TEXT(profile_release_pr, method, "merge, squash or rebase", "How it is merged; the default is merge."),
};
static SECTION(release_pr, profile_release_pr, -1, "The pull request whose merge starts the lane.",
	"head: staging\n"
	"base: main\n"
	"title: \"Promote staging to main @ {sha}\"\n"
	"validated: shop/staging\n");

static const struct profile_key label_keys[] = {
	NEEDED(profile_label, name, "text", "The label."),
	TEXT(profile_label, words, "text", "What setting it does."),
};
static SECTION(label, profile_label, -1, "A label that may be set from here because it starts something.",
	"name: deploy-to-staging\n"
	"words: deploys the branch of the pull request\n");

static const struct profile_key weight_keys[] = {
	WORD(profile_weight, from, &weight_kind_names, "deployment, status, jobs, artifact, log, argo, flagger or metric", "The "
		"payload of the newest deployment to an environment; the description of its newest status; a job or a step for "
		"each rung; JSON in an artifact of the run; the log of a job, which can be read when the job has ended and not "
		"before; a rollout of Argo; a canary of Flagger; a metric."),
	TEXT(profile_weight, environment, "text", "Environment whose deployments count (deployment, status)."),
	TEXT(profile_weight, pointer, "JSON pointer", "The percent in the payload or in the entry (deployment, artifact). A "
		"payload that is text is read as JSON."),
	TEXT(profile_weight, pattern, "template", "What the description looks like, with {percent} once and * for anything "
		"(status)."),
	TEXT(profile_weight, jobs, "template", "What names of jobs or of their steps look like, with {percent} once (jobs): "
		"\"canary-{percent}*\". The highest that began counts."),
	TEXT(profile_weight, artifact, "template", "Name of the artifact (artifact)."),
	TEXT(profile_weight, entry, "glob", "The one file in it (artifact)."),
	TEXT(profile_weight, job, "glob", "The job whose log is read (log)."),
	TEXTS(profile_weight, lines, "list of templates", "Lines of that log, with {percent} once and * for anything; the last "
		"that fits counts (log)."),
	TEXT(profile_weight, namespace, "text", "Namespace of the object in the cluster (argo, flagger)."),
	TEXT(profile_weight, name, "text", "Its name (argo, flagger)."),
	TEXT(profile_weight, gate, "URL", "Where the load tester of Flagger keeps its gates (flagger)."),
	TEXT(profile_weight, query, "expression", "Share of the traffic that is set, from 0 to 1 (metric)."),
};
static SECTION(weight, profile_weight, -1, "Somebody who tells what share of the traffic was set. Sources are asked in their "
	"order, and the first that tells is named beside the percent.",
	"from: deployment\n"
	"environment: prod\n"
	"pointer: /canary/weight\n");

static const struct profile_key seen_keys[] = {
	NEEDED(profile_seen, query, "expression", "Share of the traffic that goes there, from 0 to 1."),
};
static SECTION(seen, profile_seen, -1, "What a meter counts. It is never taken for what was set, nor the other way round.",
	"query: sum(rate(http_requests_total{track=\"canary\"}[{interval}])) / sum(rate(http_requests_total[{interval}]))\n");

static const struct profile_key service_keys[] = {
	TEXT(profile_service, url, "URL", "Where it answers. The options --metrics and --cluster say otherwise."),
	TEXT(profile_service, ca_file, "absolute path", "Authorities that its certificate is checked against, instead of the "
		"system's."),
	TEXT(profile_service, token_file, "absolute path", "File with the token it asks for: mode 0600, of the engine's own user, "
		"no symbolic link; of a cluster also a service account's token as it is mounted into a pod. The token goes to "
		"this service and nowhere else."),
};
static SECTION(service, profile_service, -1, "A service that is asked for numbers (source, the API of Prometheus) or for "
	"rollouts (cluster, the API of Kubernetes).",
	"url: https://prometheus.example.com\n");

static const struct profile_key metric_keys[] = {
	NEEDED(profile_metric, name, "text", "What it is called on screens."),
	TEXT(profile_metric, unit, "text", "What its numbers are: \"%\", ms."),
	WORD(profile_metric, kind, &canary_metric_kind_names, "errors, latency or gauge", "How it is judged: by counting requests "
		"and those that failed, by counting requests and those that were slower than the limit, or by its value alone."),
	TEXT(profile_metric, scale, "decimal number", "What the source's values are multiplied by to be in the unit: 1000 makes "
		"milliseconds of seconds. The default is 1."),
	TEXT(profile_metric, limit, "decimal number", "What it may not exceed, in the unit."),
	TEXT(profile_metric, limit_file, "path", "File of the repository, at the commit of the release, where the limit stands "
		"instead."),
	TEXT(profile_metric, limit_pointer, "JSON pointer", "Into that file."),
	TEXT(profile_metric, limit_scale, "decimal number", "What stands there is multiplied by this to be in the unit. The "
		"default is 1."),
	WORD(profile_metric, worse, &metric_worse_names, "higher or lower", "Which side of the limit is bad (gauge). The default "
		"is higher."),
	YES(profile_metric, raw, "Each value is one observation and no average, and ranks may be compared (gauge)."),
	TEXT(profile_metric, baseline, "decimal number", "Share of bad requests that is normal, from 0 to 1: it says how many "
		"requests would show a doubling. The default is what control has (errors, latency)."),
	TEXT(profile_metric, control, "expression", "Its value in the old release. Of errors it need not be given: then it is the "
		"share of bad requests, times scale."),
	TEXT(profile_metric, canary, "expression", "Its value in the new one."),
	TEXT(profile_metric, control_total, "expression", "Requests of the old release within {interval} (errors, latency)."),
	TEXT(profile_metric, canary_total, "expression", "Those of the new one."),
	TEXT(profile_metric, control_bad, "expression", "Those of control_total that failed, or were slower than {limit}."),
	TEXT(profile_metric, canary_bad, "expression", "Those of canary_total."),
	TEXT(profile_metric, control_good, "expression", "Instead of control_bad: those that were not bad, as the bucket of a "
		"histogram counts them. A series of errors that never were is no series, and no series is no data: count the good "
		"ones where it may be so."),
	TEXT(profile_metric, canary_good, "expression", "Instead of canary_bad."),
};
static SECTION(metric, profile_metric, -1, "Something that old and new release are compared by. In expressions {interval} "
	"stands for the time between samples and {limit} for the limit in the unit of the source.",
	"name: errors\n"
	"unit: \"%\"\n"
	"kind: errors\n"
	"scale: \"100\"\n"
	"limit: \"1\"\n"
	"control_total: sum(increase(http_requests_total{track=\"stable\"}[{interval}]))\n"
	"control_good: sum(increase(http_requests_total{track=\"stable\",code=~\"[1-4]..\"}[{interval}]))\n"
	"canary_total: sum(increase(http_requests_total{track=\"canary\"}[{interval}]))\n"
	"canary_good: sum(increase(http_requests_total{track=\"canary\",code=~\"[1-4]..\"}[{interval}]))\n");

static const struct profile_key budget_keys[] = {
	NEEDED(profile_budget, objective, "decimal number", "Percent of requests that is promised to be good: \"99.9\"."),
	TEXT(profile_budget, window_d, "days", "Over how long. The default is 30."),
};
static SECTION(budget, profile_budget, -1, "How many errors the service may have, which is what a canary spends.",
	"objective: \"99.9\"\n"
	"window_d: 30\n");

static const struct profile_key control_keys[] = {
	WORD(profile_control, by, &control_kind_names, "gate, variable, tag, argo, flagger or cancel", "The gate of the next rung "
		"is approved or left alone; a variable of the repository is written; a git tag is made, and taken away by resume; "
		"a rollout of Argo is patched; the gates of Flagger's load tester are opened and closed; the run is cancelled."),
	TEXTS(profile_control, acts, "list of words", "What it is used for: hold, resume, promote, promote-full, abort. A gate "
		"can do all but abort, and a cancel nothing else. Who may hold by a gate may resume."),
	TEXT(profile_control, environment, "template", "The gate, with {percent} of the next rung if each has its own (gate)."),
	TEXT(profile_control, name, "text", "The variable, the tag, or the object in the cluster."),
	TEXT(profile_control, value, "template", "What is written, with {percent} of the next rung; without it resume deletes the variable (variable)."),
	TEXT(profile_control, namespace, "text", "Namespace of the object (argo, flagger)."),
	TEXT(profile_control, gate, "URL", "Where the load tester of Flagger keeps its gates: https, or this machine; no token is "
		"sent there. Without it Flagger is only read. The webhooks of the Canary must ask it: confirm-traffic-increase at "
		"/gate/check to hold, rollback at /rollback/check to abort. An open gate lets every step pass, so one alone cannot "
		"be promoted; and after an abort resume shuts the rollback gate again, or the next release is taken back at once "
		"(flagger)."),
};
static SECTION(control, profile_control, -1, "Something that can hold a canary, let it go on, or stop it. The first that has the "
	"act and can do it is used; what none covers cannot be done from here, and screens say so.",
	"by: gate\n"
	"acts: [hold, promote]\n"
	"environment: \"prod-{percent}\"\n");

PUSH(profile_canary, weight)
PUSH(profile_canary, metrics)
PUSH(profile_canary, control)

static const struct profile_key canary_keys[] = {
	TEXTS(profile_canary, steps, "list of numbers", "Percent of the traffic, rising."),
	NEEDED(profile_canary, window_s, "seconds", "How long each step is watched."),
	TEXT(profile_canary, interval_s, "seconds", "Time between samples; the default is 30. Rates want four scrapes in it, "
		"and a window has at most 300."),
	MAPS(profile_canary, weight, weight, "Who tells what was set, in order."),
	MAP(profile_canary, seen, seen, "Who tells what really goes there."),
	MAP(profile_canary, source, service, "Where metrics are asked for. Without a url there no sample has a number."),
	MAP(profile_canary, cluster, service, "The API of the cluster that argo and flagger stand in."),
	MAPS(profile_canary, metrics, metric, "What it is judged by."),
	MAP(profile_canary, budget, budget, "The error budget that it spends."),
	MAPS(profile_canary, control, control, "What can hold, promote and stop it, in order."),
	TEXT(profile_canary, decision, "text", "The lane's decision that says whether it goes on."),
};
static SECTION(canary, profile_canary, -1, "A share of the traffic that grows in steps.",
	"steps: [5, 25, 50, 100]\n"
	"window_s: 300\n"
	"weight:\n"
	"  - {from: jobs, jobs: \"canary-{percent}*\"}\n"
	"  - {from: log, job: \"*canary*\", lines: [\"*rollout advanced to {percent}%\"]}\n"
	"control:\n"
	"  - {by: cancel, acts: [abort]}\n");

#define HARDNESS "policy, strict, warn or off"
static const struct profile_key attestation_keys[] = {
	NEEDED(profile_attestation, list, "path", "Below the site: the list of machines."),
	TEXT(profile_attestation, chain, "path", "Below the site: the evidence of one, with {id} once. What it tells is held against the list."),
	TEXT(profile_attestation, pins, "text", "The lane's asset that pins the measurements."),
	TEXT(profile_attestation, pins_pointer, "JSON pointer", "Into it: the measurements."),
	TEXT(profile_attestation, by_size, "JSON pointer", "Into it: measurements by the size of the machine."),
	TEXT(profile_attestation, size_pointer, "JSON pointer", "Into a machine: its size."),
	NEEDED(profile_attestation, jwks, "URL", "Keys that sign the tokens."),
	TEXT(profile_attestation, max_age_s, "seconds", "How old a machine's evidence may be."),
	TEXT(profile_attestation, signer, "template", "Identity that signs the images."),
	TEXT(profile_attestation, trusted, "path", "Below the site: the measurements that the control plane trusts. One that the "
		"release does not pin is told."),
	WORD(profile_attestation, policy, &proof_strictness_names, "strict or relaxed", "How failures are taken as a whole; each knob "
		"below is for one kind of them. The default is strict."),
	TEXTS(profile_attestation, wants, "list of words", "quote, token: the evidence that a machine must have. What is there besides "
		"is compared, and does not count. The default is quote."),
	WORD(profile_attestation, tcb, &hardness_names, HARDNESS, "The level of the platform."),
	WORD(profile_attestation, nonce, &hardness_names, HARDNESS, "That evidence answers a challenge; needs binding."),
	WORD(profile_attestation, rtmr, &hardness_names, HARDNESS, "Measurements against the pinned ones. An image that is not pinned "
		"fails in any case but off."),
	WORD(profile_attestation, signature, &hardness_names, HARDNESS, "That the trusted values are attested themselves, and of the release."),
	WORD(profile_attestation, td, &hardness_names, HARDNESS, "Attributes of the machine: debugging, service machines, the platform."),
	WORD(profile_attestation, age, &hardness_names, HARDNESS, "Evidence older than max_age_s."),
	TEXTS(profile_attestation, tcb_allowed, "list of words", "Levels that are good besides UpToDate, as Intel writes them: "
		"SWHardeningNeeded. Revoked never is."),
	WORD(profile_attestation, binding, &attest_binding_names, "none, raw, hex, sha256 or sha512", "What the report data must be, of the "
		"challenge: its bytes, its hexadecimal digits, or a hash of it. The default, none, compares nothing."),
	TEXT(profile_attestation, issuer, "text", "Who must have issued tokens; any when not given."),
	TEXTS(profile_attestation, platforms, "list of hexadecimal numbers", "FMSPC or PPID of the platforms that may be used; any when not given."),
	YES(profile_attestation, service_td, "A service machine may be bound."),
	YES(profile_attestation, stops, "Under a strict policy machines that are not verified stop every act that brings the release that they "
		"run. Without it they stop a canary's promotion alone, which builds on them; a dispatch of that release, or a rollback to it, "
		"may be what mends them, and is told of them."),
	TEXTS(profile_attestation, drop, "list of names", "Members of the control plane's answers that are credentials and are never kept, "
		"besides tunnel_token."),
	TEXT(profile_attestation, collateral, "absolute path", "Intel's collateral in a file, instead of what was imported."),
	TEXT(profile_attestation, token_keys, "absolute path", "The keys of tokens in a file, instead of what was imported."),
};
#undef HARDNESS
static SECTION(attestation, profile_attestation, -1, "Where the machines of a confidential system are listed, and what they "
	"must measure to.",
	"list: /api/v1/agents\n"
	"chain: /api/v1/agents/{id}/attestation\n"
	"trusted: /api/v1/trusted-mrtds\n"
	"pins: trusted_values\n"
	"pins_pointer: /mrtds\n"
	"policy: strict\n"
	"wants: [quote, token]\n"
	"nonce: warn\n"
	"tcb_allowed: [SWHardeningNeeded]\n"
	"binding: raw\n"
	"jwks: https://keys.example.com/certs\n"
	"max_age_s: 300\n");

static const struct profile_key subject_keys[] = {
	TEXT(profile_subject, asset, "text", "The lane's need of kind asset that must be proved."),
	TEXTS(profile_subject, pointers, "list of JSON pointers", "Into that asset: the images it names, as NAME@sha256:DIGEST, "
		"must be proved instead of the asset itself."),
	TEXT(profile_subject, probe, "deployments, pins or image", "The images that this kind of probe of the lane tells of: what "
		"runs, or what was declared where nothing is known to run."),
	TEXTS(profile_subject, wants, "list of words", "What must be there: provenance (SLSA), sbom (SPDX or CycloneDX), release "
		"(the forge's attestation of an immutable release) or signature (over the bytes alone, as cosign makes it for "
		"images). Each is a proof of its own."),
	TEXT(profile_subject, predicate, "URI", "The one type of statement that counts; any of those that are what is wanted when "
		"not given."),
	TEXT(profile_subject, identity, "template", "Who must have signed, instead of the lane's."),
	TEXT(profile_subject, signer, "template", "The workflow that must have built it, instead of the lane's."),
	YES(profile_subject, informs, "It is shown, and neither counts nor stops an act."),
};
static SECTION(subject, profile_subject, -1, "Files or images that something must be proved of.",
	"asset: trusted_values\n"
	"wants: [provenance]\n"
	"identity: https://github.com/{repo}/.github/workflows/release-trust-bundle.yml@refs/tags/{release}\n");

PUSH(profile_proof, subjects)

static const struct profile_key proof_keys[] = {
	WORD(profile_proof, policy, &proof_policy_names, "strict, relaxed or none", "Strict: what is missing, out of date or not "
		"checked stops an act until it is let through by break-glass, and what failed stops it for good. Relaxed: much of it "
		"is a warning, but broken cryptography stays failed. None: the system signs and attests nothing; that is shown as \"not attested\", "
		"never as good, and stops nothing. The default is strict."),
	TEXT(profile_proof, why, "text", "Of policy none alone, where it is needed and no other key may stand beside it: why, in words."),
	WORD(profile_proof, kind, &proof_signer_names, "public, github, release or key", "Who vouches: Sigstore's public instance "
		"with its logs; GitHub's own instance for private repositories, which has none; GitHub's release attestations; a "
		"key that you keep. Never chosen by what the evidence lacks. The default is public."),
	TEXT(profile_proof, issuer, "URL", "Who vouches for the signer's identity. The default is that of GitHub's workflows, "
		"https://token.actions.githubusercontent.com."),
	TEXT(profile_proof, identity, "template", "Who must have signed: the whole name in the certificate. Required for public "
		"and github, unless each subject has its own or any_identity is given."),
	YES(profile_proof, any_identity, "Whoever signed is good. It is shown as left out on purpose."),
	TEXT(profile_proof, signer, "template", "The workflow that must have built it, with its ref; as identity reads, but of a "
		"reusable workflow another."),
	TEXT(profile_proof, repo, "template", "Address of the repository it must be built from: https://github.com/{repo}. A release "
		"attestation is held against it too, and against {repo} when it is left out."),
	TEXT(profile_proof, repo_id, "number", "Its number on the forge: a name can be given to another repository, this cannot."),
	TEXT(profile_proof, ref, "template", "The ref it must be built from, whole: refs/tags/{release}."),
	TEXT(profile_proof, runner, "text", "github-hosted or self-hosted."),
	TEXT(profile_proof, trigger, "text", "The event that must have started the build: release."),
	TEXT(profile_proof, environment, "text", "Environment of the forge that the build must have run in."),
	TEXT(profile_proof, commit, "template", "The commit it must be built from: {sha}."),
	TEXT(profile_proof, key, "absolute path", "PEM file of the public key (key)."),
	TEXT(profile_proof, max_root_age_d, "days", "How old the trusted root may be. The default is 180."),
	TEXT(profile_proof, max_age_h, "hours", "How long a good verification counts. The default is 24 for strict and 168 for "
		"relaxed."),
	MAPS(profile_proof, subjects, subject, "What must be proved: at least one, and none of policy none."),
};
static SECTION(proof, profile_proof, -1, "What must be proved of a release before it goes out. The engine verifies it itself: "
	"attestations of the forge, and signatures in the registry.",
	"policy: strict\n"
	"identity: https://github.com/{repo}/.github/workflows/release.yml@refs/tags/{release}\n"
	"repo: https://github.com/{repo}\n"
	"ref: refs/tags/{release}\n"
	"runner: github-hosted\n"
	"subjects:\n"
	"  - {asset: manifest, wants: [provenance, sbom]}\n"
	"  - {probe: image, wants: [signature]}\n");

PUSH(profile_lane, inputs)
PUSH(profile_lane, needs)
PUSH(profile_lane, stages)
PUSH(profile_lane, follows)
PUSH(profile_lane, expects)
PUSH(profile_lane, meanings)
PUSH(profile_lane, decisions)
PUSH(profile_lane, locks)
PUSH(profile_lane, approvals)
PUSH(profile_lane, knobs)
PUSH(profile_lane, probes)
PUSH(profile_lane, labels)

static const struct profile_key lane_keys[] = {
	NEEDED(profile_lane, environment, "word", "Second half of the lane's name, as prod in easy/prod."),
	YES(profile_lane, production, "Acts on the lane are confirmed with lane and release."),
	NEEDED(profile_lane, workflow, "file name", "Workflow file below .github/workflows, as the system's document calls it."),
	TEXTS(profile_lane, aliases, "list of file names", "What the repository calls it instead. A dispatch takes the first that "
		"the forge has."),
	TEXT(profile_lane, display, "text", "The name inside the file, as lists of runs show it."),
	TEXTS(profile_lane, branches, "list of globs", "Only runs on these branches are of this lane; * matches slashes too. Any "
		"when not given."),
	TEXTS(profile_lane, events, "list of words", "Only runs that these events started are of this lane, as push or "
		"workflow_dispatch. Any when not given, but a production lane takes no run of a pull request unless it names the "
		"event."),
	WORD(profile_lane, start, &start_kind_names, "none, auto, dispatch or merge", "How the lane starts: not at all by itself, "
		"by something on the forge, by a person's dispatch, or by the merge of the release pull request. The default is "
		"none."),
	TEXT(profile_lane, ref, "template", "Branch or tag that is dispatched: a name, or {release}. Required for dispatch."),
	TEXT(profile_lane, release_input, "text", "The input that carries the release."),
	MAPS(profile_lane, inputs, input, "What the dispatch sends, at most 25."),
	MAPS(profile_lane, needs, need, "What must be there before an act."),
	MAPS(profile_lane, stages, stage, "The stages of a run, in order."),
	MAPS(profile_lane, follows, follow, "Runs that a run of this lane starts and does not wait for."),
	MAPS(profile_lane, expects, expect, "What must begin by itself: when it does not, an alarm says so."),
	TEXT(profile_lane, gate, "text", "Environment of the forge whose protection rules gate the lane."),
	TEXTS(profile_lane, exclusive, "list of file names", "Workflow files that must have no run in flight: a dispatch is "
		"refused beside one, and a lane that the forge starts steps aside."),
	MAPS(profile_lane, meanings, meaning, "What the ends of jobs mean."),
	MAPS(profile_lane, decisions, decision, "Decisions that runs write down."),
	MAPS(profile_lane, locks, lock, "Concurrency groups."),
	WORD(profile_lane, lock, &lane_lock_names, "none or branch-deploy", "A lock of another tool that counts as a captain's: "
		"branch-deploy reads lock.json on the branch ENVIRONMENT-branch-deploy-lock, with the lane's environment or its "
		"gate, and lock and unlock write it too. The default is none."),
	MAPS(profile_lane, approvals, approval, "What people must agree to."),
	MAPS(profile_lane, knobs, knob, "Policies, declared and effective."),
	MAPS(profile_lane, probes, probe, "Where it can be read what runs."),
	MAP(profile_lane, grammar, grammar, "How the tags of images read."),
	WORD(profile_lane, rollback, &rollback_kind_names, "none, dispatch, replay, retag, revert-pin or external",
		"The way back: dispatch of the previous release (needs start: dispatch), replay of its package (needs replay), "
		"its digest under the tag again (needs an image probe), a pull request that takes the pin back (needs a pins "
		"probe), or a command outside. The default is none."),
	TEXT(profile_lane, back_command, "template", "A command that exists outside only: shown, never run."),
	TEXTS(profile_lane, back_warns, "list of texts", "What going back does not undo, or needs."),
	TEXT(profile_lane, back_dwell_min, "minutes", "How long signals must stay normal before going back counts as done."),
	MAP(profile_lane, replay, replay, "How an existing package is delivered again."),
	MAP(profile_lane, release_pr, release_pr, "The pull request that starts the lane; needs start: merge."),
	MAPS(profile_lane, labels, label, "Labels that start something."),
	MAP(profile_lane, canary, canary, "How the share of traffic grows."),
	MAP(profile_lane, attestation, attestation, "What the machines prove."),
	MAP(profile_lane, proof, proof, "What must be proved of what is released."),
	TEXT(profile_lane, release_from, "input, branch or sha", "Where the release of a run is read: from its title by "
		"release_title, from its branch or tag, or from its commit. The default is input with a release_title, else "
		"sha."),
	TEXT(profile_lane, release_title, "template", "What titles of runs look like, with {release} once and * for anything: "
		"\"Production Rollout {release}*\"."),
	TEXT(profile_lane, poll_ms, "milliseconds", "How often an idle lane is looked at; the default is the engine's."),
	TEXT(profile_lane, stale_ms, "milliseconds", "Facts older than this make the lane STALE; the default is 15 minutes."),
};
static SECTION(lane, profile_lane, offsetof(struct profile_lane, line), "One way to one environment: a workflow file and "
	"what is known of it.",
	"environment: staging\n"
	"workflow: staging-pipeline.yml\n"
	"aliases: [staging.yml]\n"
	"start: auto\n"
	"release_from: sha\n"
	"stages:\n"
	"  - {name: build, jobs: [\"Build *\"]}\n"
	"  - {name: deploy, jobs: [\"Deploy *\"]}\n"
	"locks:\n"
	"  - {group: staging, cancels: true}\n");

static const struct profile_key freeze_keys[] = {
	WORD(profile_freeze, kind, &freeze_kind_names, "tag, label or file", "A git tag, a label on an open issue or pull "
		"request, or a state file: there, or true, means that the line is stopped."),
	TEXT(profile_freeze, name, "text", "The tag or the label."),
	TEXT(profile_freeze, path, "path", "The file."),
	TEXT(profile_freeze, ref, "text", "Branch the file is read on."),
	TEXT(profile_freeze, pointer, "JSON pointer", "True there means stopped; what cannot be read is not known, never open."),
	TEXT(profile_freeze, expires, "JSON pointer", "Time after which it is over."),
	TEXT(profile_freeze, override_path, "path", "Another file that lifts it for a while; shown beside it, never taken on "
		"trust."),
	TEXT(profile_freeze, override_pointer, "JSON pointer", "True there means lifted."),
	TEXT(profile_freeze, override_expires, "JSON pointer", "Time after which it is lifted no more."),
};
static SECTION(freeze, profile_freeze, -1, "A place that says whether the line is stopped.",
	"kind: file\n"
	"path: docs/releases/_state/freeze_mode.json\n"
	"ref: main\n"
	"pointer: /freeze_mode\n"
	"expires: /expires_at\n");

PUSH(profile, lanes)
PUSH(profile, freezes)

static const struct profile_key profile_keys[] = {
	NEEDED(profile, name, "word", "Name of the profile: lower case, digits and hyphens."),
	NEEDED(profile, system, "word", "First half of lane names, as easy in easy/prod."),
	TEXT(profile, title, "text", "What people call the system."),
	TEXT(profile, repo, "OWNER/NAME", "The repository; --profile NAME=OWNER/NAME overrides it."),
	TEXT(profile, note, "text", "What differs from the organisation's own files, in words; shown with plans."),
	TEXTS(profile, redact, "list of field names", "Fields of answers that are never kept."),
	MAPS(profile, freezes, freeze, "Where it stands that the line is stopped; any one of them stops it."),
	TEXTS(profile, freeze_exempt, "list of environments", "Lanes that a freeze does not stop."),
	MAPS(profile, lanes, lane, "The lanes, in the order of screens; at least one."),
};
static SECTION(profile, profile, -1, "One delivery system.", NULL);
/* clang-format on */

const struct profile_section *profile_section_proof(void)
{
	return &section_proof;
}

const struct profile_section *const *profile_sections(size_t *n)
{
	static const struct profile_section *const all[] = {
		&section_profile, &section_lane,       &section_input,       &section_need,
		&section_value,   &section_stage,      &section_follow,      &section_expect,
		&section_meaning, &section_decision,   &section_lock,        &section_approval,
		&section_knob,    &section_probe,      &section_component,   &section_grammar,
		&section_replay,  &section_release_pr, &section_label,       &section_canary,
		&section_weight,  &section_seen,       &section_service,     &section_metric,
		&section_budget,  &section_control,    &section_attestation, &section_proof,
		&section_subject, &section_freeze,
	};

	*n = countof(all);
	return all;
}
