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

static const struct field status_fields[] = {
	FIELD(deployment_status, id),
	FIELD(deployment_status, state),
	FIELD(deployment_status, description),
	FIELD(deployment_status, created),
};
const struct rec rec_deployment_status = REC(struct deployment_status, status_fields, "deployment status");

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

static const struct field git_ref_fields[] = {
	FIELD(git_ref, name),
	FIELD(git_ref, sha),
	FIELD(git_ref, type),
};
const struct rec rec_git_ref = REC(struct git_ref, git_ref_fields, "git_ref");

static const struct field git_commit_fields[] = {
	FIELD(git_commit, sha),    FIELD(git_commit, message), FIELD(git_commit, tree),
	FIELD(git_commit, parent), FIELD(git_commit, author),  FIELD(git_commit, at),
};
const struct rec rec_git_commit = REC(struct git_commit, git_commit_fields, "git_commit");

static const struct field group_member_fields[] = {
	FIELD(group_member, run_id),
	FIELD(group_member, job_id),
	FIELD(group_member, name),
	FIELD(group_member, status),
};
const struct rec rec_group_member = REC(struct group_member, group_member_fields, "group_member");

static const struct field attestation_ref_fields[] = {
	FIELD(attestation_ref, bundle),
	FIELD(attestation_ref, url),
	FIELD(attestation_ref, repository_id),
	FIELD(attestation_ref, initiator),
};
const struct rec rec_attestation_ref = REC(struct attestation_ref, attestation_ref_fields, "attestation");
