#include "core/model/repo.h"

static const struct field artifact_fields[] = {
	FIELD(artifact, id),       FIELD(artifact, name),    FIELD(artifact, size),
	FIELD(artifact, expired),  FIELD(artifact, created), FIELD(artifact, expires),
	FIELD(artifact, digest),   FIELD(artifact, run_id),  FIELD(artifact, branch),
	FIELD(artifact, head_sha),
};
const struct rec rec_artifact = REC(struct artifact, artifact_fields, "artifact");

static const struct field deployment_fields[] = {
	FIELD(deployment, id),          FIELD(deployment, sha),         FIELD(deployment, ref),
	FIELD(deployment, environment), FIELD(deployment, description), FIELD(deployment, payload),
	FIELD(deployment, creator),     FIELD(deployment, created),
};
const struct rec rec_deployment = REC(struct deployment, deployment_fields, "deployment");

static const struct field tree_entry_fields[] = {
	FIELD(tree_entry, path),
	FIELD(tree_entry, sha),
	FIELD(tree_entry, type),
	FIELD(tree_entry, size),
};
const struct rec rec_tree_entry = REC(struct tree_entry, tree_entry_fields, "tree_entry");

static const struct field pull_fields[] = {
	FIELD(pull, number),    FIELD(pull, title),   FIELD(pull, state),     FIELD(pull, merged),
	FIELD(pull, draft),     FIELD(pull, head),    FIELD(pull, head_sha),  FIELD(pull, base),
	FIELD(pull, merge_sha), FIELD(pull, labels),  FIELD(pull, author),    FIELD(pull, url),
	FIELD(pull, created),   FIELD(pull, updated), FIELD(pull, mergeable),
};
const struct rec rec_pull = REC(struct pull, pull_fields, "pull");

static const struct field history_fields[] = {
	FIELD(history, sha),
	FIELD(history, title),
	FIELD(history, author),
	FIELD(history, at),
};
const struct rec rec_history = REC(struct history, history_fields, "history");

static const struct field workflow_file_fields[] = {
	FIELD(workflow_file, id),
	FIELD(workflow_file, path),
	FIELD(workflow_file, name),
	FIELD(workflow_file, state),
};
const struct rec rec_workflow_file = REC(struct workflow_file, workflow_file_fields, "workflow_file");
