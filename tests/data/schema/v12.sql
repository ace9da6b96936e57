-- schema.sql: the cache (cache.db). Column names are the members of the structs in core/model and store/store.h, so a
-- row is bound and read by name. Times are milliseconds since 1970 UTC, 0 not known; enums are their numbers; booleans
-- are 0 and 1. Text of strangers is stored raw. No triggers, no views: a database that has one is not ours.
--
-- Every change here raises the version: add a step to migrate.sql and keep the old text in tests/data/schema.

CREATE TABLE lane (
  name TEXT PRIMARY KEY NOT NULL,
  system TEXT NOT NULL,
  environment TEXT NOT NULL,
  repo TEXT NOT NULL,
  production INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  state INTEGER NOT NULL,
  live TEXT NOT NULL,
  live_sha TEXT NOT NULL,
  live_run INTEGER NOT NULL,
  next TEXT NOT NULL,
  run_id INTEGER NOT NULL,
  progress TEXT NOT NULL,
  reasons TEXT NOT NULL,
  since INTEGER NOT NULL,
  checked INTEGER NOT NULL,
  stale_after INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX lane_ordinal ON lane (ordinal, name);
CREATE INDEX lane_system ON lane (system);

-- Grows with history. Each index ends in the row's id, so newest-first is the index read backwards.
CREATE TABLE run (
  id INTEGER PRIMARY KEY NOT NULL,
  repo TEXT NOT NULL,
  lane TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  number INTEGER NOT NULL,
  workflow_id INTEGER NOT NULL,
  workflow TEXT NOT NULL,
  path TEXT NOT NULL,
  title TEXT NOT NULL,
  event TEXT NOT NULL,
  branch TEXT NOT NULL,
  head_sha TEXT NOT NULL,
  status INTEGER NOT NULL,
  conclusion INTEGER NOT NULL,
  actor TEXT NOT NULL,
  triggering_actor TEXT NOT NULL,
  created INTEGER NOT NULL,
  started INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  url TEXT NOT NULL,
  release TEXT NOT NULL,
  seen INTEGER NOT NULL
) STRICT;
CREATE INDEX run_lane ON run (lane);
-- 6 is RUN_COMPLETED. A query repeats the condition, or the planner may not use this one (220 ms against 25 us at a
-- million rows; performance reference, 1.5).
CREATE INDEX run_open_repo ON run (repo) WHERE status <> 6;

CREATE TABLE job (
  id INTEGER PRIMARY KEY NOT NULL,
  run_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  name TEXT NOT NULL,
  stage TEXT NOT NULL,
  status INTEGER NOT NULL,
  conclusion INTEGER NOT NULL,
  started INTEGER NOT NULL,
  completed INTEGER NOT NULL,
  steps TEXT NOT NULL,
  seen INTEGER NOT NULL,
  means INTEGER NOT NULL DEFAULT 0,
  meaning TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX job_run ON job (run_id, attempt);

-- Open gates only: a gate that was passed is deleted.
CREATE TABLE gate (
  run_id INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  lane TEXT NOT NULL,
  environment_id INTEGER NOT NULL,
  environment TEXT NOT NULL,
  since INTEGER NOT NULL,
  wait_timer INTEGER NOT NULL,
  wait_until INTEGER NOT NULL,
  reviewers TEXT NOT NULL,
  can_approve INTEGER NOT NULL,
  why_not TEXT NOT NULL,
  seen INTEGER NOT NULL,
  PRIMARY KEY (run_id, environment_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX gate_since ON gate (since);

-- Keyed by tag, not by id: a release that is a package sha or a set of digests has no id.
CREATE TABLE release (
  repo TEXT NOT NULL,
  id INTEGER NOT NULL,
  tag TEXT NOT NULL,
  name TEXT NOT NULL,
  draft INTEGER NOT NULL,
  prerelease INTEGER NOT NULL,
  immutable INTEGER NOT NULL,
  published INTEGER NOT NULL,
  target TEXT NOT NULL,
  assets TEXT NOT NULL,
  seen INTEGER NOT NULL,
  PRIMARY KEY (repo, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX release_newest ON release (repo, published, id);

-- A copy of the journal for screens; the journal decides.
CREATE TABLE intent (
  id INTEGER PRIMARY KEY NOT NULL,
  nonce TEXT NOT NULL,
  plan_id TEXT NOT NULL,
  act TEXT NOT NULL,
  lane TEXT NOT NULL,
  repo TEXT NOT NULL,
  subject TEXT NOT NULL,
  line TEXT NOT NULL,
  request TEXT NOT NULL,
  body TEXT NOT NULL,
  who TEXT NOT NULL,
  reason TEXT NOT NULL,
  relies_on TEXT NOT NULL,
  state INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  run_url TEXT NOT NULL,
  note TEXT NOT NULL,
  sends INTEGER NOT NULL,
  exclude_run INTEGER NOT NULL,
  created INTEGER NOT NULL,
  sent INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  steps INTEGER NOT NULL DEFAULT 1,
  done INTEGER NOT NULL DEFAULT 0,
  step TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX intent_nonce ON intent (nonce);
-- 3 linked, 4 done, 5 refused, 6 not_sent, 9 abandoned: everything else is open, a state we do not know included.
CREATE INDEX intent_open ON intent (lane) WHERE state NOT IN (3, 4, 5, 6, 9);

CREATE TABLE poll (
  name TEXT PRIMARY KEY NOT NULL,
  etag TEXT NOT NULL,
  checked INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  error TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: whoever follows remembers an id, so an id is never given twice, not even after a trim.
CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  at INTEGER NOT NULL,
  lane TEXT NOT NULL,
  text TEXT NOT NULL
) STRICT;

-- What the console found out for itself (core/model/evidence.h). Few rows each: one a decision of a run, a component of
-- a lane, a condition of going back, a source that may stop the line.
CREATE TABLE decision (
  run_id INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  verdict INTEGER NOT NULL,
  word TEXT NOT NULL,
  reasons TEXT NOT NULL,
  detail TEXT NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (run_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE drift (
  lane TEXT NOT NULL,
  probe INTEGER NOT NULL,
  component TEXT NOT NULL,
  platform TEXT NOT NULL,
  declared TEXT NOT NULL,
  live TEXT NOT NULL,
  verdict INTEGER NOT NULL,
  reason TEXT NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (lane, probe, component, platform)
) STRICT, WITHOUT ROWID;

CREATE TABLE readiness (
  lane TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  status INTEGER NOT NULL,
  detail TEXT NOT NULL,
  fix TEXT NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (lane, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE freeze (
  system TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  source TEXT NOT NULL,
  state INTEGER NOT NULL,
  detail TEXT NOT NULL,
  at INTEGER NOT NULL,
  exempt TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (system, ordinal)
) STRICT, WITHOUT ROWID;

-- What holds a lane now, and what should have happened and did not (core/model/hold.h). A few rows.
CREATE TABLE hold (
  lane TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  owner TEXT NOT NULL,
  reason TEXT NOT NULL,
  source TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  advisory INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (lane, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE alarm (
  kind INTEGER NOT NULL,
  subject TEXT NOT NULL,
  lane TEXT NOT NULL,
  text TEXT NOT NULL,
  fix TEXT NOT NULL,
  since INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

-- A share of the traffic that grows (core/model/canary.h): one canary a lane with its rungs and metrics, and the newest
-- samples of each metric.
CREATE TABLE canary (
  lane TEXT PRIMARY KEY NOT NULL,
  release TEXT NOT NULL,
  run INTEGER NOT NULL,
  phase INTEGER NOT NULL,
  step INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  set_bp INTEGER NOT NULL,
  seen_bp INTEGER NOT NULL,
  set_from TEXT NOT NULL,
  set_why TEXT NOT NULL,
  seen_from TEXT NOT NULL,
  seen_why TEXT NOT NULL,
  started INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  reason TEXT NOT NULL,
  exposed INTEGER NOT NULL,
  extra_errors INTEGER NOT NULL,
  budget_ppm INTEGER NOT NULL,
  interval_s INTEGER NOT NULL,
  sampled INTEGER NOT NULL,
  mechanism TEXT NOT NULL,
  can_hold INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE canary_rung (
  lane TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  weight_bp INTEGER NOT NULL,
  window_s INTEGER NOT NULL,
  entered INTEGER NOT NULL,
  "left" INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  "by" TEXT NOT NULL,
  PRIMARY KEY (lane, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE canary_metric (
  lane TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  control INTEGER NOT NULL,
  canary INTEGER NOT NULL,
  "limit" INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  reason TEXT NOT NULL,
  bad INTEGER NOT NULL,
  "of" INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (lane, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE canary_sample (
  lane TEXT NOT NULL,
  metric INTEGER NOT NULL,
  at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  control INTEGER NOT NULL,
  canary INTEGER NOT NULL,
  control_n INTEGER NOT NULL,
  control_bad INTEGER NOT NULL,
  canary_n INTEGER NOT NULL,
  canary_bad INTEGER NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (lane, metric, at)
) STRICT, WITHOUT ROWID;

-- The last canary of a lane that failed or was aborted, as it ended: copies of the three above, column by column.
CREATE TABLE canary_past (
  lane TEXT PRIMARY KEY NOT NULL,
  release TEXT NOT NULL,
  run INTEGER NOT NULL,
  phase INTEGER NOT NULL,
  step INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  set_bp INTEGER NOT NULL,
  seen_bp INTEGER NOT NULL,
  set_from TEXT NOT NULL,
  set_why TEXT NOT NULL,
  seen_from TEXT NOT NULL,
  seen_why TEXT NOT NULL,
  started INTEGER NOT NULL,
  ends INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  reason TEXT NOT NULL,
  exposed INTEGER NOT NULL,
  extra_errors INTEGER NOT NULL,
  budget_ppm INTEGER NOT NULL,
  interval_s INTEGER NOT NULL,
  sampled INTEGER NOT NULL,
  mechanism TEXT NOT NULL,
  can_hold INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE canary_past_rung (
  lane TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  weight_bp INTEGER NOT NULL,
  window_s INTEGER NOT NULL,
  entered INTEGER NOT NULL,
  "left" INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  "by" TEXT NOT NULL,
  PRIMARY KEY (lane, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE canary_past_metric (
  lane TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  control INTEGER NOT NULL,
  canary INTEGER NOT NULL,
  "limit" INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  reason TEXT NOT NULL,
  bad INTEGER NOT NULL,
  "of" INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (lane, ordinal)
) STRICT, WITHOUT ROWID;

-- What captains left on lanes to stop a canary (core/model/canary_guard.h): the journal's rows, for screens.
CREATE TABLE guard (
  lane TEXT PRIMARY KEY NOT NULL,
  release TEXT NOT NULL,
  run INTEGER NOT NULL,
  may INTEGER NOT NULL,
  armed_by TEXT NOT NULL,
  uid INTEGER NOT NULL,
  client TEXT NOT NULL,
  armed INTEGER NOT NULL,
  deadline INTEGER NOT NULL,
  silence INTEGER NOT NULL,
  needed INTEGER NOT NULL,
  "of" INTEGER NOT NULL,
  state INTEGER NOT NULL,
  reason TEXT NOT NULL,
  would TEXT NOT NULL,
  breached INTEGER NOT NULL,
  nonce TEXT NOT NULL,
  intent INTEGER NOT NULL,
  arming INTEGER NOT NULL,
  refused TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was verified of a release or a machine (core/model/proof.h), and the steps of each verification.
CREATE TABLE proof (
  lane TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  release TEXT NOT NULL,
  subject TEXT NOT NULL,
  digest TEXT NOT NULL,
  "check" TEXT NOT NULL,
  required INTEGER NOT NULL,
  strict INTEGER NOT NULL,
  status INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  detail TEXT NOT NULL,
  source TEXT NOT NULL,
  evidence TEXT NOT NULL,
  root TEXT NOT NULL,
  builder TEXT NOT NULL,
  "commit" TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  logged_at INTEGER NOT NULL,
  verified_at INTEGER NOT NULL,
  at INTEGER NOT NULL,
  policy TEXT NOT NULL,
  PRIMARY KEY (lane, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX proof_release ON proof (lane, release);
CREATE INDEX proof_count ON proof (lane, release, status) WHERE required <> 0;

CREATE TABLE proof_check (
  lane TEXT NOT NULL,
  proof INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  result INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  expected TEXT NOT NULL,
  found TEXT NOT NULL,
  PRIMARY KEY (lane, proof, ordinal)
) STRICT, WITHOUT ROWID;

-- Machines of confidential fleets (core/model/agent.h): thousands a lane; what a list does not show of one is in agent_tree.
-- What a control plane says of its own policy is in fleet_fact.
CREATE TABLE agent (
  lane TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  size TEXT NOT NULL,
  datacenter TEXT NOT NULL,
  word TEXT NOT NULL,
  said_verified INTEGER NOT NULL,
  complaint TEXT NOT NULL,
  status INTEGER NOT NULL,
  reason INTEGER NOT NULL,
  detail TEXT NOT NULL,
  quote INTEGER NOT NULL,
  quote_reason INTEGER NOT NULL,
  token INTEGER NOT NULL,
  token_reason INTEGER NOT NULL,
  differs TEXT NOT NULL,
  tcb TEXT NOT NULL,
  quote_sha TEXT NOT NULL,
  token_sha TEXT NOT NULL,
  taken INTEGER NOT NULL,
  token_until INTEGER NOT NULL,
  heard INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (lane, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_status ON agent (lane, status, name, id);

CREATE TABLE agent_tree (
  lane TEXT NOT NULL,
  id TEXT NOT NULL,
  tree TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (lane, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE fleet_fact (
  lane TEXT NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  declared TEXT NOT NULL,
  effective TEXT NOT NULL,
  source TEXT NOT NULL,
  verdict INTEGER NOT NULL,
  detail TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (lane, kind, name)
) STRICT, WITHOUT ROWID;

-- How often anything but ages changed, in its one row: a screen that sees the same number reads ages alone.
CREATE TABLE content (
  one INTEGER PRIMARY KEY NOT NULL,
  generation INTEGER NOT NULL
) STRICT;
