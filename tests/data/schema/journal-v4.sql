-- journal.sql: the journal (journal.db). intent is the present, intent_log how it came about; no row of intent_log is
-- or audit is ever changed or deleted. Same spelling of values as schema.sql.

CREATE TABLE intent (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
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
  step TEXT NOT NULL DEFAULT '',
  client TEXT NOT NULL DEFAULT '',
  target TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX intent_nonce ON intent (nonce);
-- The states of schema.sql's intent_open.
CREATE INDEX intent_open ON intent (act, lane) WHERE state NOT IN (3, 4, 5, 6, 9);

CREATE TABLE intent_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  intent INTEGER NOT NULL,
  at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  run_id INTEGER NOT NULL,
  run_url TEXT NOT NULL,
  note TEXT NOT NULL,
  sends INTEGER NOT NULL
) STRICT;
CREATE INDEX intent_log_intent ON intent_log (intent);

-- What a release's assets held when they were first read: an asset can be replaced under its name.
CREATE TABLE asset_seen (
  repo TEXT NOT NULL,
  tag TEXT NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  first_seen INTEGER NOT NULL,
  PRIMARY KEY (repo, tag, name)
) STRICT, WITHOUT ROWID;

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

-- What captains left on lanes to stop a canary (core/model/canary_guard.h): the present of each; how it came about is
-- told by the moves of the intent that armed it.
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
