#include "core/profile/keys.h"

#include "core/profile/profile.h"

static const char *const need_words[] = { "other", "release", "asset", "artifact",
					  "fresh", "file",    "label", "tag" };
const struct names need_kind_names = NAMES(need_words);
static const char *const start_words[] = { "none", "auto", "dispatch", "merge" };
const struct names start_kind_names = NAMES(start_words);
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

/* clang-format off */
#define AT(s, m) { .name = #m, .offset = offsetof(struct s, m) }
#define TEXT(s, m, what, words) { .field = FIELD(s, m), .value = what, .doc = words }
#define NEEDED(s, m, what, words) { .field = FIELD_REQ(s, m), .value = what, .doc = words }
#define WORD(s, m, table, what, words) { .field = FIELD_ENUM(s, m, table), .value = what, .doc = words }
#define YES(s, m, words) TEXT(s, m, "true or false", words)
#define TEXTS(s, m, what, words) { .field = AT(s, m), .kind = KEY_TEXTS, .value = what, .doc = words }
#define MAPS(s, m, sect, words) { .field = AT(s, m), .kind = KEY_SECTION, .value = "list of " #sect " maps", \
	.doc = words, .section = &section_##sect, .push = push_##m }
#define PUSH(s, m) static void *push_##m(void *object, struct arena *a) { return vec_push(&((struct s *)object)->m, a); }
#define SECTION(word, type, line, words) const struct profile_section section_##word = { .name = #word, .doc = words, \
	.size = sizeof(struct type), .keys = word##_keys, .n = (int)countof(word##_keys), .line_at = line, \
	.check = profile_check_##word }

static const struct profile_key input_keys[] = {
	NEEDED(profile_input, name, "text", "Name of the workflow's input."),
	TEXT(profile_input, value, "template", "Sent when the person gives nothing. May hold {release}, {sha}, {nonce} and "
		"{ref}. Without it nothing is sent unless the person gives a value."),
	YES(profile_input, required, "A dispatch without a value is refused."),
	TEXT(profile_input, pattern, "glob", "What a value must look like; * and ? only."),
	YES(profile_input, contract, "The input belongs to the contract between pilothouse and the workflow and not to the "
		"delivery system itself: an organisation whose workflow does not declare it takes it out of a copy of the "
		"profile, since the forge refuses unknown inputs."),
};
static SECTION(input, profile_input, offsetof(struct profile_input, line), "One input of the dispatch.");

static const struct profile_key need_keys[] = {
	WORD(profile_need, kind, &need_kind_names, "release or asset", "A published release of the tag, or an asset of it."),
	TEXT(profile_need, name, "text", "Short name of an asset, shown in checks."),
	TEXTS(profile_need, files, "list of file names", "Names of the asset in order of preference; may hold {release}."),
	TEXT(profile_need, fix, "text", "What to do when it is missing; may hold {release}."),
};
static SECTION(need, profile_need, -1, "One thing that must be there before a dispatch.");

static const struct profile_key stage_keys[] = {
	NEEDED(profile_stage, name, "text", "Name of the stage, shown as progress."),
	TEXTS(profile_stage, jobs, "list of globs", "Jobs of the stage by their names; * and ? only. A job of a called "
		"workflow is named \"caller / callee\". A job belongs to the first stage that matches."),
};
static SECTION(stage, profile_stage, -1, "Jobs that are shown as one step of progress.");

static const struct profile_key follow_keys[] = {
	NEEDED(profile_follow, workflow, "file name", "Workflow file of the run that is started."),
	TEXT(profile_follow, name, "text", "What it is called on screens."),
};
static SECTION(follow, profile_follow, -1, "A run that a run of this lane starts and does not wait for: its end is not "
	"covered by a green parent.");

PUSH(profile_lane, inputs)
PUSH(profile_lane, needs)
PUSH(profile_lane, stages)
PUSH(profile_lane, follows)

static const struct profile_key lane_keys[] = {
	NEEDED(profile_lane, environment, "word", "Second half of the lane's name, as prod in easy/prod."),
	YES(profile_lane, production, "Acts on the lane are confirmed with lane and release."),
	NEEDED(profile_lane, workflow, "file name", "Workflow file below .github/workflows."),
	WORD(profile_lane, start, &start_kind_names, "none, auto or dispatch", "How the lane starts: not at all by itself, by "
		"something on the forge, or by a person's dispatch. The default is none."),
	TEXT(profile_lane, ref, "template", "Branch or tag that is dispatched: a name, or {release}. Required for dispatch."),
	TEXT(profile_lane, release_input, "text", "The input that carries the release."),
	MAPS(profile_lane, inputs, input, "What the dispatch sends, at most 25."),
	MAPS(profile_lane, needs, need, "What must be there before a dispatch."),
	MAPS(profile_lane, stages, stage, "The stages of a run, in order."),
	MAPS(profile_lane, follows, follow, "Runs that a run of this lane starts and does not wait for."),
	TEXT(profile_lane, gate, "text", "Environment of the forge whose protection rules gate the lane."),
	TEXT(profile_lane, lock_group, "template", "Concurrency group of the workflow; may hold {release}."),
	TEXTS(profile_lane, exclusive, "list of file names", "Workflow files that must have no run in flight when this lane is "
		"dispatched."),
	WORD(profile_lane, rollback, &rollback_kind_names, "none, dispatch, replay, retag, revert-pin or external",
		"The way back. dispatch: of the previous release; needs start: dispatch. The default is none."),
	TEXT(profile_lane, release_from, "input, branch or sha", "Where the release of a run is read: from its title by "
		"release_title, from its branch or tag, or from its commit. The default is input with a release_title, else "
		"sha."),
	TEXT(profile_lane, release_title, "template", "What titles of runs look like, with {release} once and * for anything: "
		"\"Production Rollout {release}*\"."),
	TEXT(profile_lane, skipped_means, "glob", "Job whose being skipped in a green run means that nothing was done."),
	TEXT(profile_lane, skipped_words, "text", "What is shown then."),
	TEXT(profile_lane, poll_ms, "milliseconds", "How often an idle lane is looked at; the default is the engine's."),
	TEXT(profile_lane, stale_ms, "milliseconds", "Facts older than this make the lane STALE; the default is 15 minutes."),
};
static SECTION(lane, profile_lane, offsetof(struct profile_lane, line), "One way to one environment: a workflow file and "
	"what is known of it.");

PUSH(profile, lanes)

static const struct profile_key profile_keys[] = {
	NEEDED(profile, name, "word", "Name of the profile: lower case, digits and hyphens."),
	NEEDED(profile, system, "word", "First half of lane names, as easy in easy/prod."),
	TEXT(profile, title, "text", "What people call the system."),
	TEXT(profile, repo, "OWNER/NAME", "The repository; --profile NAME=OWNER/NAME overrides it."),
	TEXT(profile, note, "text", "What differs from the organisation's own files, in words; shown with plans."),
	TEXTS(profile, redact, "list of field names", "Fields of answers that are never kept."),
	MAPS(profile, lanes, lane, "The lanes, in the order of screens; at least one."),
};
static SECTION(profile, profile, -1, "One delivery system.");
/* clang-format on */

const struct profile_section *const *profile_sections(size_t *n)
{
	static const struct profile_section *const all[] = {
		&section_profile, &section_lane,  &section_input,
		&section_need,    &section_stage, &section_follow
	};

	*n = countof(all);
	return all;
}
