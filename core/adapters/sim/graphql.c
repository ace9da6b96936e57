#include "core/adapters/sim/face.h"

#include "base/text.h"

#include <string.h>

/*
 * Not a GraphQL server: the few questions that the forge's own command-line client asks where it does not use REST,
 * recognised by a word of the query. Everything else is answered as GraphQL answers what it does not know.
 */

static void put_name_only(struct call *c, const char *key, const char *member, const char *value)
{
	jw_kopen(&c->j, key, '{');
	put_str(&c->j, member, value);
	jw_close(&c->j, '}');
}

static void answer_repository(struct call *c)
{
	const struct sim_repo *r = c->repo;

	put_str(&c->j, "id", put_node(c, "R", r->id));
	put_str(&c->j, "name", r->name);
	put_name_only(c, "owner", "login", r->owner);
	jw_kbool(&c->j, "hasIssuesEnabled", true);
	put_str(&c->j, "description", r->about);
	jw_kbool(&c->j, "hasWikiEnabled", false);
	put_str(&c->j, "viewerPermission", c->user->read_only ? "READ" : "WRITE");
	put_name_only(c, "defaultBranchRef", "name", r->branch);
	jw_key(&c->j, "parent");
	jw_null(&c->j);
	jw_kbool(&c->j, "mergeCommitAllowed", true);
	jw_kbool(&c->j, "rebaseMergeAllowed", true);
	jw_kbool(&c->j, "squashMergeAllowed", true);
}

static void put_page_end(struct call *c)
{
	jw_key(&c->j, "pageInfo");
	jw_json(&c->j, "{\"hasNextPage\":false,\"endCursor\":null}");
}

static void answer_releases(struct call *c)
{
	const struct sim_release *latest = sim_release_latest(c->repo);

	jw_kopen(&c->j, "releases", '{');
	jw_kopen(&c->j, "nodes", '[');
	for (size_t i = c->repo->releases.n; i-- > 0;) {
		const struct sim_release *rel = &c->repo->releases.items[i];

		jw_open(&c->j, '{');
		put_str(&c->j, "name", rel->title);
		put_str(&c->j, "tagName", rel->tag);
		jw_kbool(&c->j, "isDraft", rel->draft);
		jw_kbool(&c->j, "isLatest", rel == latest);
		jw_kbool(&c->j, "isPrerelease", rel->prerelease);
		put_time(&c->j, "createdAt", rel->published);
		put_time(&c->j, "publishedAt", rel->published);
		jw_close(&c->j, '}');
	}
	jw_close(&c->j, ']');
	put_page_end(c);
	jw_close(&c->j, '}');
}

static void answer_pulls(struct call *c)
{
	jw_kopen(&c->j, "pullRequests", '{');
	jw_kint(&c->j, "totalCount", 0);
	jw_key(&c->j, "nodes");
	jw_json(&c->j, "[]");
	put_page_end(c);
	jw_close(&c->j, '}');
}

/* Asked beside REST, which does not find drafts by their tag. */
static void answer_release(struct call *c)
{
	const char *tag = json_str(c->body, "variables.tagName");
	const struct sim_release *rel = tag ? sim_release_find(c->repo, tag) : NULL;

	jw_key(&c->j, "release");
	if (!rel) {
		jw_null(&c->j);
		return;
	}
	jw_open(&c->j, '{');
	jw_kint(&c->j, "databaseId", rel->id);
	jw_kbool(&c->j, "isDraft", rel->draft);
	jw_close(&c->j, '}');
}

static const struct {
	const char *word;
	call_fn answer;
} questions[] = {
	{ "release(tagName", answer_release },
	{ "releases(", answer_releases },
	{ "pullRequests(", answer_pulls },
	{ "defaultBranchRef", answer_repository },
};

static call_fn question_of(const char *query)
{
	for (size_t i = 0; query && i < countof(questions); i++)
		if (strstr(query, questions[i].word))
			return questions[i].answer;
	return NULL;
}

/* The variables are called owner and name, or owner and repo. */
static struct sim_repo *repo_of(struct call *c)
{
	const char *owner = json_str(c->body, "variables.owner"), *name = json_str(c->body, "variables.name");

	if (!name)
		name = json_str(c->body, "variables.repo");
	if (!owner || !name || c->user->outsider)
		return NULL;
	return sim_repo_find(c->w, arena_printf(c->a, "%s/%s", owner, name));
}

static void refuse(struct call *c, const char *type, const char *message)
{
	jw_open(&c->j, '{');
	jw_key(&c->j, "data");
	jw_null(&c->j);
	jw_kopen(&c->j, "errors", '[');
	jw_open(&c->j, '{');
	put_str(&c->j, "type", type);
	put_str(&c->j, "message", message);
	jw_close(&c->j, '}');
	jw_close(&c->j, ']');
	jw_close(&c->j, '}');
}

void post_graphql(struct call *c)
{
	const char *query = json_str(c->body, "query");
	call_fn answer = question_of(query);

	c->repo = repo_of(c);
	if (query && (strstr(query, "viewer {") || strstr(query, "viewer{"))) {
		jw_open(&c->j, '{');
		jw_kopen(&c->j, "data", '{');
		put_name_only(c, "viewer", "login", c->user->login);
		jw_close(&c->j, '}');
		jw_close(&c->j, '}');
	} else if (!answer) {
		refuse(c, "UNSUPPORTED", "the drill does not answer this query");
	} else if (!c->repo) {
		refuse(c, "NOT_FOUND", "Could not resolve to a Repository with the name given.");
	} else {
		jw_open(&c->j, '{');
		jw_kopen(&c->j, "data", '{');
		jw_kopen(&c->j, "repository", '{');
		answer(c);
		jw_close(&c->j, '}');
		jw_close(&c->j, '}');
		jw_close(&c->j, '}');
	}
}
