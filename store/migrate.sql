-- migrate.sql: how a database of an earlier version becomes the present one. A block per step, in order:
--
--   "-- step: cache 2"  followed by the statements that turn version 1 into version 2 ("-- step: journal 2" likewise).
--
-- The number of the last step is the version of schema.sql or journal.sql, which always hold the present text; without
-- a step the version is 1. A new database never runs steps. All steps of one database run in one transaction.

-- step: cache 2
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
  PRIMARY KEY (system, ordinal)
) STRICT, WITHOUT ROWID;

-- Acts of several requests. Those before had one.
ALTER TABLE intent ADD COLUMN steps INTEGER NOT NULL DEFAULT 1;
ALTER TABLE intent ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intent ADD COLUMN step TEXT NOT NULL DEFAULT '';

-- step: cache 3
-- What the end of a job means. Those before say what their colour says until they are read again.
ALTER TABLE job ADD COLUMN means INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN meaning TEXT NOT NULL DEFAULT '';

-- step: cache 4
-- What holds a lane, and alarms; which environments a freeze does not stop.
ALTER TABLE freeze ADD COLUMN exempt TEXT NOT NULL DEFAULT '';

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

-- step: cache 5
-- Canaries, what they are judged by, and their samples.
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

-- step: cache 6
-- Guards of canaries, for screens: the journal's rows.
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

-- step: cache 7
-- Proofs of what is released and running. Nothing was verified before it.
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

-- step: cache 8
-- Machines of confidential fleets. Nobody looked at them before it.
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

-- step: cache 9
-- The last canary that failed, as it ended. Before it the ladder of the way back replaced it.
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

-- step: cache 10
-- How often anything but ages changed. A writer that does not count is older, and refuses this schema.
CREATE TABLE content (
  one INTEGER PRIMARY KEY NOT NULL,
  generation INTEGER NOT NULL
) STRICT;

-- step: cache 11
-- By which policy a proof was judged. Of those before it that is not known, so they are looked at again.
ALTER TABLE proof ADD COLUMN policy TEXT NOT NULL DEFAULT '';

-- step: cache 12
-- Nobody asks for the unfinished runs of all repositories.
DROP INDEX run_live;

-- step: journal 2
ALTER TABLE intent ADD COLUMN steps INTEGER NOT NULL DEFAULT 1;
ALTER TABLE intent ADD COLUMN done INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intent ADD COLUMN step TEXT NOT NULL DEFAULT '';

CREATE TABLE asset_seen (
  repo TEXT NOT NULL,
  tag TEXT NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  PRIMARY KEY (repo, tag, name)
) STRICT, WITHOUT ROWID;

-- step: journal 3
-- Acts before it get no invented history: the chain begins with a line that counts and hashes them.
ALTER TABLE intent ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE intent ADD COLUMN target TEXT NOT NULL DEFAULT '';

-- The chain of acts: a line for each row of intent_log, written with it. The line is kept as it was hashed.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  log INTEGER NOT NULL,
  line TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

-- Where heads of the chain were shown to others.
CREATE TABLE anchor (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  witness TEXT NOT NULL,
  place TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- step: journal 4
-- Guards of canaries. Before it there were none.
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
