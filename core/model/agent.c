#include "core/model/agent.h"

#include "core/model/evidence.h"

static const char *const source_words[] = { "quote", "token", "server", "pin" };
const struct names agent_source_names = NAMES(source_words);
static const char *const kind_words[] = { "policy", "mrtd" };
const struct names fleet_fact_kind_names = NAMES(kind_words);

static const struct field agent_fields[] = {
	FIELD(agent, lane),
	FIELD(agent, id),
	FIELD(agent, name),
	FIELD(agent, size),
	FIELD(agent, datacenter),
	FIELD(agent, word),
	FIELD(agent, said_verified),
	FIELD(agent, complaint),
	FIELD_ENUM(agent, status, &proof_status_names),
	FIELD_ENUM(agent, reason, &proof_reason_names),
	FIELD(agent, detail),
	FIELD_ENUM(agent, quote, &proof_status_names),
	FIELD_ENUM(agent, quote_reason, &proof_reason_names),
	FIELD_ENUM(agent, token, &proof_status_names),
	FIELD_ENUM(agent, token_reason, &proof_reason_names),
	FIELD(agent, differs),
	FIELD(agent, tcb),
	FIELD(agent, quote_sha),
	FIELD(agent, token_sha),
	FIELD(agent, taken),
	FIELD(agent, token_until),
	FIELD(agent, heard),
	FIELD(agent, changed),
	FIELD(agent, at),
};
const struct rec rec_agent = REC(struct agent, agent_fields, "agent");

static const struct field tree_fields[] = {
	FIELD(agent_tree, lane),
	FIELD(agent_tree, id),
	FIELD(agent_tree, tree),
	FIELD(agent_tree, at),
};
const struct rec rec_agent_tree = REC(struct agent_tree, tree_fields, "agent_tree");

static const struct field fact_fields[] = {
	FIELD(fleet_fact, lane),
	FIELD_ENUM(fleet_fact, kind, &fleet_fact_kind_names),
	FIELD(fleet_fact, name),
	FIELD(fleet_fact, declared),
	FIELD(fleet_fact, effective),
	FIELD(fleet_fact, source),
	FIELD_ENUM(fleet_fact, verdict, &drift_verdict_names),
	FIELD(fleet_fact, detail),
	FIELD(fleet_fact, at),
};
const struct rec rec_fleet_fact = REC(struct fleet_fact, fact_fields, "fleet_fact");
