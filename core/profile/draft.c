#include "core/profile/draft.h"

#include "base/text.h"
#include "core/profile/keys.h"
#include "core/profile/profile.h"

#include <string.h>

enum { STAGES_MAX = PROFILE_LIST_MAX, INPUTS_MAX = 25, WORD_LONGEST = 32, TEXT_LONGEST = 200 };

/* One workflow file being drafted. */
struct draft {
	struct buf *out;
	struct arena *a;
	const char *file;
	const struct yaml *doc, *on;
	const char *environment;   /* of the lane */
	const char *release_input; /* NULL none looks like one */
	bool dispatch, automatic;
};

/* ---- what a workflow file says ---------------------------------------------------------------------------------------- */

/* A trigger of `on:`, which is a word, a list or a map. */
static const struct yaml *trigger(const struct yaml *on, const char *name)
{
	if (!on)
		return NULL;
	if (on->kind == YAML_SCALAR)
		return text_eq(on->scalar, name) ? on : NULL;
	if (on->kind == YAML_MAP)
		return yaml_get(on, name);
	yaml_each(it, on)
	{
		if (it->kind == YAML_SCALAR && text_eq(it->scalar, name))
			return it;
	}
	return NULL;
}

/* Triggers that belong to a lane. A schedule alone keeps something fresh, and workflow_call is somebody else's part. */
static bool is_automatic(const struct yaml *on)
{
	static const char *const words[] = { "push",        "pull_request", "pull_request_target", "release",
					     "merge_group", "workflow_run", "deployment",          "create" };

	for (size_t i = 0; i < countof(words); i++)
		if (trigger(on, words[i]))
			return true;
	return false;
}

static bool has_expression(const char *s)
{
	return s && strstr(s, "${{");
}

/* What is written there when nobody computes it. */
static const char *plain(const struct yaml *map, const char *key)
{
	const char *s = yaml_str(map, key, NULL);

	return s && *s && !has_expression(s) && strlen(s) <= TEXT_LONGEST ? s : NULL;
}

/* environment: production, or {name: production, url: ...} */
static const char *environment_of(const struct yaml *job)
{
	const struct yaml *y = yaml_get(job, "environment");

	return y && y->kind == YAML_MAP ? plain(y, "name") : plain(job, "environment");
}

static bool names_production(const char *s)
{
	static const char *const words[] = { "prod", "release", "publish", "live" };

	for (size_t i = 0; s && i < countof(words); i++)
		if (text_has(s, words[i]))
			return true;
	return false;
}

static bool names_release(const char *s)
{
	return text_has(s, "release") || text_has(s, "tag") || text_has(s, "version");
}

/* ---- writing YAML ------------------------------------------------------------------------------------------------------ */

/* Always in quotes: a name may be a number, a word of YAML, or hostile. What no quotes can hold in one line is a space. */
static void quoted(struct buf *out, const char *s)
{
	autofree(buf) struct buf safe = BUF_INIT(65536);

	text_safe(&safe, s, strlen(s), TEXT_ONE_LINE);
	buf_chr(out, '"');
	for (const char *p = safe.n ? safe.s : ""; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_chr(out, '\\');
		buf_chr(out, *p);
	}
	buf_chr(out, '"');
}

/* Templates: a brace of the file is none of ours. */
static bool has_brace(const char *s)
{
	return strpbrk(s, "{}") != NULL;
}

/* A brace outside of ${{ }}. */
static bool has_brace_alone(const char *s)
{
	while (*s) {
		const char *end = text_starts(s, "${{") ? strstr(s, "}}") : NULL;

		if (!end && (*s == '{' || *s == '}'))
			return true;
		s = end ? end + 2 : s + 1;
	}
	return false;
}

static void key(struct draft *d, const char *name, const char *value)
{
	if (!value)
		return;
	buf_fmt(d->out, "    %s: ", name);
	quoted(d->out, value);
	buf_chr(d->out, '\n');
}

static void remark(struct buf *out, const char *indent, const char *text)
{
	buf_fmt(out, "%s# ", indent);
	text_safe(out, text, strlen(text), TEXT_ONE_LINE);
	buf_chr(out, '\n');
}

/* Lower case letters, digits and hyphens, as a lane's name must be. */
static const char *word_of(struct arena *a, const char *s, size_t n)
{
	char *word = arena_alloc(a, WORD_LONGEST + 1);
	size_t used = 0;

	for (size_t i = 0; i < n && used < WORD_LONGEST; i++) {
		char c = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
		bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (good || (used && word[used - 1] != '-'))
			word[used++] = good ? c : '-';
	}
	while (used && word[used - 1] == '-')
		used--;
	word[used] = 0;
	return used ? word : "lane";
}

/* ---- expressions of a workflow file ---------------------------------------------------------------------------------------- */

/* inputs.X or github.event.inputs.X of the release's input. */
static bool is_release_input(const struct draft *d, const char *expression)
{
	static const char *const heads[] = { "inputs.", "github.event.inputs." };

	for (size_t i = 0; d->release_input && i < countof(heads); i++)
		if (text_starts(expression, heads[i]) &&
		    text_eq(expression + strlen(heads[i]), d->release_input))
			return true;
	return false;
}

/* What stands for it in a template of ours; NULL: nothing does. */
static const char *template_of(const struct draft *d, const char *expression)
{
	if (text_eq(expression, "github.ref") || text_eq(expression, "github.ref_name"))
		return "{ref}";
	if (text_eq(expression, "github.sha"))
		return "{sha}";
	if (text_eq(expression, "github.workflow"))
		return plain(d->doc, "name");
	return is_release_input(d, expression) ? "{release}" : NULL;
}

/* Text with ${{ }} as a template; NULL when something in it is not known here. *rest, when given, is told where the first
 * unknown expression begins, and what stands before it is the answer. */
static const char *as_template(const struct draft *d, const char *s, const char **rest)
{
	autofree(buf) struct buf out = BUF_INIT(4096);

	for (const char *hole; (hole = strstr(s, "${{")) != NULL;) {
		const char *end = strstr(hole, "}}"), *from = hole + 3, *word;
		size_t n = end ? (size_t)(end - from) : 0;

		while (n && *from == ' ')
			from++, n--;
		while (n && from[n - 1] == ' ')
			n--;
		word = n ? template_of(d, arena_strndup(d->a, from, n)) : NULL;
		if (!word && !rest)
			return NULL;
		buf_add(&out, s, (size_t)(hole - s));
		if (!word) {
			*rest = hole;
			return arena_strndup(d->a, out.n ? out.s : "", out.n);
		}
		buf_str(&out, word);
		s = end + 2;
	}
	buf_str(&out, s);
	return out.over ? NULL : arena_strndup(d->a, out.n ? out.s : "", out.n);
}

/* ---- parts of a lane --------------------------------------------------------------------------------------------------- */

static const char *input_type(const struct yaml *input)
{
	const char *type = yaml_str(input, "type", "string");

	for (int i = 0; i < input_type_names.n; i++)
		if (text_eq(input_type_names.words[i], type))
			return type;
	return "string";
}

static void draft_choices(struct draft *d, const struct yaml *options)
{
	bool first = true;

	buf_str(d->out, "        choices: [");
	yaml_each(it, options)
	{
		if (it->kind != YAML_SCALAR || !*it->scalar)
			continue;
		buf_str(d->out, first ? "" : ", ");
		quoted(d->out, it->scalar);
		first = false;
	}
	buf_str(d->out, "]\n");
}

static bool is_choice_of(const struct yaml *options, const char *value)
{
	yaml_each(it, options)
	{
		if (it->kind == YAML_SCALAR && text_eq(it->scalar, value))
			return true;
	}
	return false;
}

/* Whether profile_parse() would take it as the default of this type. */
static const char *default_of(const struct yaml *input, const char *type)
{
	const char *value = plain(input, "default");
	int64_t n;

	if (!value || has_brace(value))
		return NULL;
	if (text_eq(type, "boolean"))
		return text_eq(value, "true") || text_eq(value, "false") ? value : NULL;
	if (text_eq(type, "number"))
		return text_int64(&n, value, 0, INT64_MAX) == 0 ? value : NULL;
	if (text_eq(type, "choice"))
		return is_choice_of(yaml_get(input, "options"), value) ? value : NULL;
	return value;
}

/* Options that are no words are none that a profile could name. */
static bool can_choose(const struct yaml *options)
{
	int words = 0;

	yaml_each(it, options) words += it->kind == YAML_SCALAR && *it->scalar;
	return words > 0 && words <= PROFILE_LIST_MAX;
}

static void draft_input(struct draft *d, const struct yaml *input)
{
	bool release = text_eq(input->key, d->release_input);
	const char *type = input_type(input), *value = default_of(input, type);

	if (text_eq(type, "choice") && !can_choose(yaml_get(input, "options")))
		type = "string";
	buf_str(d->out, "      - name: ");
	quoted(d->out, input->key);
	buf_chr(d->out, '\n');
	if (text_eq(yaml_str(input, "required", "false"), "true"))
		buf_str(d->out, "        required: true\n");
	if (!text_eq(type, "string"))
		buf_fmt(d->out, "        type: %s\n", type);
	if (text_eq(type, "choice"))
		draft_choices(d, yaml_get(input, "options"));
	if (release)
		buf_str(d->out, "        value: \"{release}\"\n        source: releases\n");
	else if (value) {
		buf_str(d->out, "        value: ");
		quoted(d->out, value);
		buf_chr(d->out, '\n');
	}
}

static bool is_input_name(const char *s)
{
	return *s && !strchr(s, '=') && !strchr(s, ' ') && strlen(s) <= TEXT_LONGEST && text_is_safe(s);
}

/* The first input that is called like a release; NULL none. */
static const char *release_among(const struct yaml *inputs)
{
	int n = 0;

	yaml_each(it, inputs)
	{
		if (!is_input_name(it->key) || n++ >= INPUTS_MAX)
			continue;
		if (names_release(it->key) && text_eq(input_type(it), "string"))
			return it->key;
	}
	return NULL;
}

static void draft_inputs(struct draft *d)
{
	const struct yaml *inputs = yaml_map(trigger(d->on, "workflow_dispatch"), "inputs");
	int n = 0;

	d->release_input = release_among(inputs);
	key(d, "release_input", d->release_input);
	yaml_each(it, inputs)
	{
		if (!is_input_name(it->key) || n >= INPUTS_MAX)
			continue;
		if (n++ == 0)
			buf_str(d->out, "    inputs:\n");
		draft_input(d, it);
	}
	if (d->release_input)
		remark(d->out, "    ",
		       "the release is guessed by the input's name; is it a tag of a release?");
}

/* "caller / callee", and a matrix behind the name. Expressions are unknown: anything. */
static const char *job_glob(struct draft *d, const struct yaml *job)
{
	const char *name = yaml_str(job, "name", job->key);
	const char *hole = strstr(name, "${{");
	bool called = yaml_get(job, "uses") != NULL;
	bool matrix = yaml_get(yaml_get(job, "strategy"), "matrix") != NULL;

	if (hole)
		return arena_printf(d->a, "%.*s*", (int)(hole - name), name);
	return arena_printf(d->a, "%s%s", name, called ? " / *" : matrix ? " (*)" : "");
}

static void draft_stages(struct draft *d)
{
	const struct yaml *jobs = yaml_map(d->doc, "jobs");
	int n = 0;

	yaml_each(it, jobs)
	{
		if (it->kind != YAML_MAP || !*it->key || strlen(it->key) > TEXT_LONGEST || n >= STAGES_MAX)
			continue;
		if (n++ == 0)
			buf_str(d->out, "    # one a job; join those that belong together\n    stages:\n");
		buf_str(d->out, "      - name: ");
		quoted(d->out, it->key);
		buf_str(d->out, "\n        jobs: [");
		quoted(d->out, job_glob(d, it));
		buf_str(d->out, "]\n");
	}
}

static bool seen_before(const struct yaml *jobs, const struct yaml *job)
{
	for (const struct yaml *it = jobs->child; it && it != job; it = it->next)
		if (text_eq(environment_of(it), environment_of(job)))
			return true;
	return false;
}

static void draft_gates(struct draft *d)
{
	const struct yaml *jobs = yaml_map(d->doc, "jobs");
	int n = 0;

	yaml_each(it, jobs)
	{
		const char *environment = environment_of(it);

		if (!environment || seen_before(jobs, it) || n >= PROFILE_LIST_MAX)
			continue;
		if (n++ == 0) {
			key(d, "gate", environment);
			buf_str(d->out, "    # who approves, how often and from which branches stands in the "
					"settings of the forge\n    approvals:\n");
		}
		buf_str(d->out, "      - environment: ");
		quoted(d->out, environment);
		buf_chr(d->out, '\n');
	}
}

static bool is_lock_template(const char *s)
{
	static const char *const words[] = { "{release}", "{ref}", "{sha}" };

	for (; s && *s; s++) {
		size_t n = 0;

		for (size_t i = 0; i < countof(words); i++)
			if (text_starts(s, words[i]))
				n = strlen(words[i]);
		if ((*s == '{' || *s == '}') && !n)
			return false;
		s += n ? n - 1 : 0;
	}
	return s != NULL;
}

/* concurrency: GROUP, or {group: GROUP, cancel-in-progress: true} */
static void draft_lock(struct draft *d)
{
	const struct yaml *c = yaml_get(d->doc, "concurrency");
	const char *group = c && c->kind == YAML_SCALAR ? c->scalar : yaml_str(c, "group", NULL);
	const char *ours = group && strlen(group) <= TEXT_LONGEST ? as_template(d, group, NULL) : NULL;

	if (!group || !*group)
		return;
	if (!ours || !is_lock_template(ours)) {
		remark(d->out, "    ",
		       arena_printf(d->a, "lock %s: what it becomes is not known here", group));
		return;
	}
	buf_str(d->out, "    locks:\n      - group: ");
	quoted(d->out, ours);
	buf_chr(d->out, '\n');
	if (text_eq(yaml_str(c, "cancel-in-progress", "false"), "true"))
		buf_str(d->out, "        cancels: true\n");
}

/* Where run-name holds the release, titles of runs do. */
static void draft_release(struct draft *d)
{
	static const char word[] = "{release}";
	const char *name = yaml_str(d->doc, "run-name", NULL), *rest = NULL;
	const char *ours = name && strlen(name) <= TEXT_LONGEST && !has_brace_alone(name)
				   ? as_template(d, name, &rest)
				   : NULL;
	const char *hole = ours ? strstr(ours, word) : NULL;

	if (hole && !strpbrk(hole + strlen(word), "{}") && !memchr(ours, '{', (size_t)(hole - ours))) {
		key(d, "release_title", rest || hole[strlen(word)] ? arena_printf(d->a, "%s*", ours) : ours);
		return;
	}
	buf_str(d->out, "    release_from: sha # or release_title, where run-name holds the release\n");
}

/* ---- a lane -------------------------------------------------------------------------------------------------------------- */

static bool is_production(const struct draft *d)
{
	const struct yaml *jobs = yaml_map(d->doc, "jobs");

	if (names_production(d->file))
		return true;
	yaml_each(it, jobs)
	{
		if (names_production(environment_of(it)))
			return true;
	}
	return false;
}

static void draft_start(struct draft *d)
{
	if (d->automatic) {
		buf_fmt(d->out, "    start: auto%s\n", d->dispatch ? " # it can be dispatched as well" : "");
		return;
	}
	buf_str(d->out, "    start: dispatch\n");
	buf_str(d->out, "    ref: main # the default branch; {release} where tags are dispatched\n");
	draft_inputs(d);
}

static void draft_unknown(struct draft *d, bool production)
{
	if (!production)
		return;
	if (d->release_input)
		buf_str(d->out,
			"    rollback: dispatch # of the release before; is that the way back here?\n");
	else
		remark(d->out, "    ", "rollback: how to go back is not in the file");
	remark(d->out, "    ",
	       "needs: what must be there first (assets, artifacts, fresh runs, files, labels)");
	remark(d->out, "    ", "meanings: which green jobs prove nothing; decisions: what runs write down");
	remark(d->out, "    ", "probes: where it can be read what is live");
}

static void draft_lane(struct draft *d)
{
	bool production = is_production(d);

	buf_fmt(d->out, "\n  - environment: %s\n", d->environment);
	if (production)
		buf_str(d->out, "    production: true # guessed by names\n");
	buf_fmt(d->out, "    workflow: %s\n", d->file);
	key(d, "display", plain(d->doc, "name"));
	draft_start(d);
	draft_release(d);
	draft_stages(d);
	draft_gates(d);
	draft_lock(d);
	draft_unknown(d, production);
}

/* ---- all of them ----------------------------------------------------------------------------------------------------------- */

struct words_taken {
	struct VEC_OF(const char *) list;
};

static bool is_taken(const struct words_taken *t, const char *word)
{
	vec_each (it, &t->list)
		if (text_eq(*it, word))
			return true;
	return false;
}

/* A word of its own for the lane: two files may differ in what a word cannot hold. */
static const char *own_word(struct words_taken *t, const char *file, struct arena *a)
{
	const char *dot = strrchr(file, '.');
	const char *word = word_of(a, file, dot ? (size_t)(dot - file) : strlen(file)), *own = word;

	for (int i = 2; is_taken(t, own); i++)
		own = arena_printf(a, "%.*s-%d", WORD_LONGEST - 5, word, i);
	*vec_push(&t->list, a) = own;
	return own;
}

static bool is_lane_file(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strlen(name);

	return n > 4 && n <= 128 && *name != '.' && strspn(name, letters) == n &&
	       (strcmp(name + n - 4, ".yml") == 0 || (n > 5 && strcmp(name + n - 5, ".yaml") == 0));
}

/* False after saying why the file is no lane. */
static bool read_file(struct draft *d, const struct draft_file *f, struct buf *remarks)
{
	struct yaml *doc = NULL;
	struct err e = ERR_INIT;
	const char *why = NULL;

	d->file = f->name;
	if (!is_lane_file(f->name))
		why = "its name is none of a workflow file";
	else if (yaml_parse(&doc, f->name, f->text, f->n, d->a, &e) != 0)
		why = e.message;
	d->doc = doc;
	d->on = yaml_get(doc, "on");
	d->dispatch = trigger(d->on, "workflow_dispatch") != NULL;
	d->automatic = is_automatic(d->on);
	if (!why && !d->on)
		why = "it has no triggers";
	else if (!why && !d->dispatch && !d->automatic)
		why = trigger(d->on, "workflow_call") ? "it is a part that others call"
						      : "nothing that a lane has starts it";
	if (why)
		remark(remarks, "", arena_printf(d->a, "%s is no lane: %s", f->name, why));
	return !why;
}

static void draft_head(struct buf *out, const char *repo, struct arena *a)
{
	const char *slash = repo ? strchr(repo, '/') : NULL, *name = slash ? slash + 1 : "draft";
	const char *word = word_of(a, name, strlen(name));

	buf_str(out, "# A draft from workflow files. They say what starts and what runs; what stands in "
		     "comments they "
		     "do not say.\n");
	buf_fmt(out, "name: %s\nsystem: %.8s # first half of the lanes' names\n", word,
		word_of(a, word, strlen(word) < 8 ? strlen(word) : 8));
	if (repo)
		buf_fmt(out, "repo: %s\n", repo);
	else
		buf_str(out, "# repo: OWNER/NAME\n");
	buf_str(out, "# redact: fields of answers that must never be kept\n"
		     "# freezes: tags, labels or files that stop the line\n\nlanes:");
}

/* What was written must be what we ourselves would take. */
static int check_draft(const struct buf *draft, struct arena *a, struct err *e)
{
	struct profile p;

	if (draft->over)
		return err_set(e, ERR_INVALID, "the draft is too long");
	return profile_parse(&p, "draft", draft->s, draft->n, a, e);
}

int profile_draft(struct buf *out, const struct draft_files *files, const char *repo, size_t *lanes,
		  struct arena *a, struct err *e)
{
	autofree(buf) struct buf text = BUF_INIT(1 << 20), remarks = BUF_INIT(1 << 16);
	struct words_taken taken = { 0 };
	int r;

	*lanes = 0;
	draft_head(&text, repo, a);
	vec_each (f, files) {
		struct draft d = { .out = &text, .a = a };

		if (*lanes >= PROFILE_LIST_MAX || !read_file(&d, f, &remarks))
			continue;
		d.environment = own_word(&taken, f->name, a);
		draft_lane(&d);
		++*lanes;
	}
	if (!*lanes)
		return 1;
	if (remarks.n)
		buf_fmt(&text, "\n%s", remarks.s);
	r = check_draft(&text, a, e);
	if (r == 0)
		buf_add(out, text.s, text.n);
	return r;
}
