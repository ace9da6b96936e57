-- queries.sql: every statement, by name. sqlgen prepares each against schema.sql, or journal.sql where it says
-- (journal), and refuses a plan that scans a table or sorts, unless a reason is given.
--
--   "-- query: NAME (args: RECORD) (row: RECORD) (empty: TABLE) (ages) (journal) (scan: REASON) (sort: REASON)"
--
-- args and row name the field tables that give the parameters and take the columns; a test compares all three.
-- empty names a table that has often no row, and then the statement has none: a reader asks once for all of them, in
-- one snapshot, and does not prepare what would find nothing (a prepared column takes half a kilobyte).
-- ages: it writes, and nothing of what it writes is shown but when something was looked at. Whatever else changes a row
-- moves the generation of the cache (content_moves), in the same transaction.

-- ---- lanes

-- query: lanes (row: lane) (scan: one row for each lane of the profiles)
SELECT * FROM lane ORDER BY ordinal, name;

-- query: lane_by_name (args: key) (row: lane)
SELECT * FROM lane WHERE name = :name;

-- query: lane_put (args: lane)
INSERT INTO lane (name, system, environment, repo, production, ordinal, state, live, live_sha, live_run, next, run_id,
  progress, reasons, since, checked, stale_after)
VALUES (:name, :system, :environment, :repo, :production, :ordinal, :state, :live, :live_sha, :live_run, :next, :run_id,
  :progress, :reasons, :since, :checked, :stale_after)
ON CONFLICT (name) DO UPDATE SET system = excluded.system, environment = excluded.environment, repo = excluded.repo,
  production = excluded.production, ordinal = excluded.ordinal, state = excluded.state, live = excluded.live,
  live_sha = excluded.live_sha, live_run = excluded.live_run, next = excluded.next, run_id = excluded.run_id,
  progress = excluded.progress, reasons = excluded.reasons, since = excluded.since, checked = excluded.checked,
  stale_after = excluded.stale_after;

-- query: lane_checked (args: key) (ages)
-- Of the lane, which did not change, the age alone: none of its indexes is written.
UPDATE lane SET checked = :at WHERE name = :name;

-- query: lanes_checked (args: key) (ages) (scan: one row for each lane of the profiles)
-- The same for all lanes of a repository at once.
UPDATE lane SET checked = :at WHERE repo = :repo;

-- query: lane_ages (row: key) (scan: one row for each lane of the profiles)
-- In the order of `lanes`, each with the generation of the whole, and with the skew that the forge's times are aged by.
SELECT checked AS at, coalesce((SELECT generation FROM content), 0) AS number,
  coalesce((SELECT value FROM setting WHERE name = 'skew_ms'), '') AS text FROM lane ORDER BY ordinal, name;

-- query: lane_forget (args: key)
-- All lanes of the system :name.
DELETE FROM lane WHERE system = :name;

-- ---- runs

-- query: run_put (args: run)
-- An older attempt, or an older state of the same attempt, changes nothing. The forge counts in seconds, so a different
-- state with the same time is news, except that what is completed stays so within its attempt. An unchanged row is not
-- written (three times cheaper), so `seen` is the answer that brought the row's present content. What we found out
-- ourselves (lane, release, repo) outlives an answer that does not know it.
INSERT INTO run (id, repo, lane, attempt, number, workflow_id, workflow, path, title, event, branch, head_sha, status,
  conclusion, actor, triggering_actor, created, started, updated, url, release, seen)
VALUES (:id, :repo, :lane, :attempt, :number, :workflow_id, :workflow, :path, :title, :event, :branch, :head_sha,
  :status, :conclusion, :actor, :triggering_actor, :created, :started, :updated, :url, :release, :seen)
ON CONFLICT (id) DO UPDATE SET
  repo = CASE excluded.repo WHEN '' THEN run.repo ELSE excluded.repo END,
  lane = CASE excluded.lane WHEN '' THEN run.lane ELSE excluded.lane END,
  attempt = excluded.attempt, number = excluded.number, workflow_id = excluded.workflow_id,
  workflow = excluded.workflow, path = excluded.path, title = excluded.title, event = excluded.event,
  branch = excluded.branch, head_sha = excluded.head_sha, status = excluded.status, conclusion = excluded.conclusion,
  actor = excluded.actor, triggering_actor = excluded.triggering_actor, created = excluded.created,
  started = excluded.started, updated = excluded.updated, url = excluded.url,
  release = CASE excluded.release WHEN '' THEN run.release ELSE excluded.release END,
  seen = excluded.seen
WHERE excluded.attempt > run.attempt
  OR (excluded.attempt = run.attempt AND excluded.updated > run.updated)
  OR (excluded.attempt = run.attempt AND excluded.updated = run.updated
    AND NOT (run.status = 6 AND excluded.status <> 6)
    AND (excluded.status <> run.status OR excluded.conclusion <> run.conclusion
      OR excluded.started <> run.started OR excluded.title <> run.title OR excluded.workflow <> run.workflow
      OR (excluded.repo <> '' AND excluded.repo <> run.repo)
      OR (excluded.lane <> '' AND excluded.lane <> run.lane)
      OR (excluded.release <> '' AND excluded.release <> run.release)));

-- query: run_by_id (args: key) (row: run)
SELECT * FROM run WHERE id = :id;

-- query: runs_newest (args: key) (row: run) (scan: walks the key backwards and stops at the limit)
SELECT * FROM run ORDER BY id DESC LIMIT :limit;

-- query: runs_before (args: key) (row: run)
SELECT * FROM run WHERE id < :id ORDER BY id DESC LIMIT :limit;

-- query: runs_by_lane (args: key) (row: run)
SELECT * FROM run WHERE lane = :name ORDER BY id DESC LIMIT :limit;

-- query: runs_by_lane_before (args: key) (row: run)
SELECT * FROM run WHERE lane = :name AND id < :id ORDER BY id DESC LIMIT :limit;

-- query: runs_open_by_repo (args: key) (row: run)
SELECT * FROM run WHERE repo = :repo AND status <> 6 ORDER BY id DESC LIMIT :limit;

-- query: runs_of_file (args: key) (row: run) (scan: walks the key backwards and stops at the limit)
-- Of the newest :limit runs those of :repo whose path holds :text, whether they are a lane's or not.
SELECT * FROM run
WHERE id > coalesce((SELECT id FROM run ORDER BY id DESC LIMIT 1 OFFSET :limit), 0) AND repo = :repo
  AND instr(path, :text) > 0
ORDER BY id DESC;

-- query: runs_reach (args: key) (row: key) (scan: walks the key backwards and stops at the limit)
-- When the oldest run of :repo among those was made: what is older was not looked at.
SELECT created AS at FROM run
WHERE id > coalesce((SELECT id FROM run ORDER BY id DESC LIMIT 1 OFFSET :limit), 0) AND repo = :repo
ORDER BY id LIMIT 1;

-- ---- jobs

-- query: job_put (args: job)
-- A job's id belongs to one attempt, so a completed job is never news again; our stage and our meaning outlive an
-- answer without them.
INSERT INTO job (id, run_id, attempt, name, stage, status, conclusion, started, completed, steps, seen, means, meaning)
VALUES (:id, :run_id, :attempt, :name, :stage, :status, :conclusion, :started, :completed, :steps, :seen, :means,
  :meaning)
ON CONFLICT (id) DO UPDATE SET run_id = excluded.run_id, attempt = excluded.attempt, name = excluded.name,
  stage = CASE excluded.stage WHEN '' THEN job.stage ELSE excluded.stage END,
  status = excluded.status, conclusion = excluded.conclusion, started = excluded.started,
  completed = excluded.completed, steps = excluded.steps, seen = excluded.seen,
  means = CASE excluded.means WHEN 0 THEN job.means ELSE excluded.means END,
  meaning = CASE excluded.means WHEN 0 THEN job.meaning ELSE excluded.meaning END
WHERE NOT (job.status = 6 AND excluded.status <> 6);

-- query: jobs_by_run (args: key) (row: job)
-- Run :id, attempt :number; 0 is the newest attempt of which we know jobs.
SELECT * FROM job
WHERE run_id = :id
  AND attempt = CASE :number WHEN 0 THEN (SELECT max(attempt) FROM job WHERE run_id = :id) ELSE :number END
ORDER BY id;

-- ---- gates

-- query: gate_put (args: gate)
-- `since` is when this attempt was first seen waiting; later looks do not move it.
INSERT INTO gate (run_id, attempt, lane, environment_id, environment, since, wait_timer, wait_until, reviewers,
  can_approve, why_not, seen)
VALUES (:run_id, :attempt, :lane, :environment_id, :environment, :since, :wait_timer, :wait_until, :reviewers,
  :can_approve, :why_not, :seen)
ON CONFLICT (run_id, environment_id) DO UPDATE SET attempt = excluded.attempt, lane = excluded.lane,
  environment = excluded.environment,
  since = CASE WHEN gate.attempt = excluded.attempt AND gate.since <> 0 THEN gate.since ELSE excluded.since END,
  wait_timer = excluded.wait_timer, wait_until = excluded.wait_until, reviewers = excluded.reviewers,
  can_approve = excluded.can_approve, why_not = excluded.why_not, seen = excluded.seen
WHERE excluded.attempt >= gate.attempt;

-- query: gates (row: gate) (empty: gate) (scan: open gates only)
SELECT * FROM gate ORDER BY since;

-- query: gates_by_run (args: key) (row: gate) (empty: gate)
SELECT * FROM gate WHERE run_id = :id ORDER BY environment_id;

-- query: gates_forget_run (args: key)
DELETE FROM gate WHERE run_id = :id;

-- ---- releases

-- query: release_put (args: release)
-- A draft with the tag of a published release does not hide it.
INSERT INTO release (repo, id, tag, name, draft, prerelease, immutable, published, target, assets, seen)
VALUES (:repo, :id, :tag, :name, :draft, :prerelease, :immutable, :published, :target, :assets, :seen)
ON CONFLICT (repo, tag) DO UPDATE SET id = excluded.id, name = excluded.name, draft = excluded.draft,
  prerelease = excluded.prerelease, immutable = excluded.immutable, published = excluded.published,
  target = excluded.target, assets = excluded.assets, seen = excluded.seen
WHERE NOT (excluded.draft AND NOT release.draft AND excluded.id <> release.id);

-- query: releases_by_repo (args: key) (row: release)
SELECT * FROM release WHERE repo = :repo ORDER BY published DESC, id DESC LIMIT :limit;

-- query: release_forget (args: key)
DELETE FROM release WHERE repo = :repo AND tag = :text;

-- ---- intents, as screens see them

-- query: intent_mirror_put (args: intent)
INSERT INTO intent (id, nonce, plan_id, act, lane, repo, subject, line, request, body, who, reason, relies_on, state,
  run_id, run_url, note, sends, exclude_run, created, sent, settled, steps, done, step)
VALUES (:id, :nonce, :plan_id, :act, :lane, :repo, :subject, :line, :request, :body, :who, :reason, :relies_on, :state,
  :run_id, :run_url, :note, :sends, :exclude_run, :created, :sent, :settled, :steps, :done,
  :step)
ON CONFLICT (id) DO UPDATE SET nonce = excluded.nonce, plan_id = excluded.plan_id, act = excluded.act,
  lane = excluded.lane, repo = excluded.repo, subject = excluded.subject, line = excluded.line,
  request = excluded.request, body = excluded.body, who = excluded.who, reason = excluded.reason,
  relies_on = excluded.relies_on, state = excluded.state, run_id = excluded.run_id, run_url = excluded.run_url,
  note = excluded.note, sends = excluded.sends, exclude_run = excluded.exclude_run, created = excluded.created,
  sent = excluded.sent, settled = excluded.settled, steps = excluded.steps, done = excluded.done,
  step = excluded.step;

-- query: intents_recent (args: key) (row: intent) (empty: intent) (scan: walks the key backwards and stops at the limit)
SELECT * FROM intent ORDER BY id DESC LIMIT :limit;

-- query: intents_open (row: intent) (empty: intent) (scan: the partial index holds open intents only) (sort: open intents are few)
SELECT * FROM intent INDEXED BY intent_open WHERE state NOT IN (3, 4, 5, 6, 9) ORDER BY id;

-- query: intent_by_id (args: key) (row: intent) (empty: intent)
SELECT * FROM intent WHERE id = :id;

-- query: intents_by_lane_open (args: key) (row: intent) (empty: intent)
SELECT * FROM intent WHERE lane = :name AND state NOT IN (3, 4, 5, 6, 9) ORDER BY id;

-- ---- evidence

-- query: decision_put (args: decision)
INSERT INTO decision (run_id, ordinal, name, verdict, word, reasons, detail, source, at)
VALUES (:run_id, :ordinal, :name, :verdict, :word, :reasons, :detail, :source, :at)
ON CONFLICT (run_id, ordinal) DO UPDATE SET name = excluded.name, verdict = excluded.verdict, word = excluded.word,
  reasons = excluded.reasons, detail = excluded.detail, source = excluded.source, at = excluded.at;

-- query: decisions_by_run (args: key) (row: decision)
SELECT * FROM decision WHERE run_id = :id ORDER BY ordinal;

-- query: drift_put (args: drift)
INSERT INTO drift (lane, probe, component, platform, declared, live, verdict, reason, source, at)
VALUES (:lane, :probe, :component, :platform, :declared, :live, :verdict, :reason, :source, :at)
ON CONFLICT (lane, probe, component, platform) DO UPDATE SET declared = excluded.declared, live = excluded.live,
  verdict = excluded.verdict, reason = excluded.reason, source = excluded.source, at = excluded.at;

-- query: drifts (row: drift) (empty: drift) (scan: one row for each component of each lane)
SELECT * FROM drift ORDER BY lane, probe, component, platform;

-- query: drifts_by_lane (args: key) (row: drift) (empty: drift)
SELECT * FROM drift WHERE lane = :name ORDER BY probe, component, platform;

-- query: drift_forget (args: key)
-- Probe :number of lane :name, and with :number -1 every one.
DELETE FROM drift WHERE lane = :name AND (:number < 0 OR probe = :number);

-- query: readiness_put (args: readiness)
INSERT INTO readiness (lane, ordinal, name, status, detail, fix, source, at)
VALUES (:lane, :ordinal, :name, :status, :detail, :fix, :source, :at)
ON CONFLICT (lane, ordinal) DO UPDATE SET name = excluded.name, status = excluded.status, detail = excluded.detail,
  fix = excluded.fix, source = excluded.source, at = excluded.at;

-- query: readiness_by_lane (args: key) (row: readiness) (empty: readiness)
SELECT * FROM readiness WHERE lane = :name ORDER BY ordinal;

-- query: readiness_forget (args: key)
DELETE FROM readiness WHERE lane = :name;

-- query: freeze_put (args: freeze)
INSERT INTO freeze (system, ordinal, source, state, detail, at, exempt)
VALUES (:system, :ordinal, :source, :state, :detail, :at, :exempt)
ON CONFLICT (system, ordinal) DO UPDATE SET source = excluded.source, state = excluded.state,
  detail = excluded.detail, at = excluded.at, exempt = excluded.exempt;

-- query: freezes (row: freeze) (empty: freeze) (scan: a few rows for each system)
SELECT * FROM freeze ORDER BY system, ordinal;

-- query: freezes_by_system (args: key) (row: freeze) (empty: freeze)
SELECT * FROM freeze WHERE system = :name ORDER BY ordinal;

-- query: freeze_forget (args: key)
DELETE FROM freeze WHERE system = :name;

-- ---- holds and alarms (store/holds.h)

-- query: hold_put (args: hold)
INSERT INTO hold (lane, ordinal, kind, owner, reason, source, epoch, since, until, advisory, at)
VALUES (:lane, :ordinal, :kind, :owner, :reason, :source, :epoch, :since, :until, :advisory, :at)
ON CONFLICT (lane, ordinal) DO UPDATE SET kind = excluded.kind, owner = excluded.owner, reason = excluded.reason,
  source = excluded.source, epoch = excluded.epoch, since = excluded.since, until = excluded.until,
  advisory = excluded.advisory, at = excluded.at;

-- query: hold_forget (args: key)
-- Of the lane :name, those of kind :number.
DELETE FROM hold WHERE lane = :name AND kind = :number;

-- query: holds_trim (scan: a few rows)
DELETE FROM hold WHERE lane NOT IN (SELECT name FROM lane);

-- query: holds (row: hold) (empty: hold) (scan: a few rows for each lane)
SELECT * FROM hold ORDER BY lane, ordinal;

-- query: holds_by_lane (args: key) (row: hold) (empty: hold)
SELECT * FROM hold WHERE lane = :name ORDER BY ordinal;

-- query: alarm_put (args: alarm)
-- What is said again keeps the time of the first word.
INSERT INTO alarm (kind, subject, lane, text, fix, since, at)
VALUES (:kind, :subject, :lane, :text, :fix, :since, :at)
ON CONFLICT (kind, subject) DO UPDATE SET lane = excluded.lane, text = excluded.text, fix = excluded.fix,
  at = excluded.at;

-- query: alarm_clear (args: key)
DELETE FROM alarm WHERE kind = :number AND subject = :text;

-- query: alarms (row: alarm) (empty: alarm) (scan: open alarms are few) (sort: open alarms are few)
SELECT * FROM alarm ORDER BY since, kind, subject;

-- query: alarms_by_lane (args: key) (row: alarm) (empty: alarm) (scan: open alarms are few) (sort: open alarms are few)
SELECT * FROM alarm WHERE lane = :name ORDER BY since, kind, subject;

-- ---- canaries (store/canaries.h)

-- query: canary_put (args: canary)
INSERT INTO canary (lane, release, run, phase, step, steps, set_bp, seen_bp, set_from, set_why, seen_from, seen_why,
  started, ends, verdict, reason, exposed, extra_errors, budget_ppm, interval_s, sampled, mechanism, can_hold, at)
VALUES (:lane, :release, :run, :phase, :step, :steps, :set_bp, :seen_bp, :set_from, :set_why, :seen_from, :seen_why,
  :started, :ends, :verdict, :reason, :exposed, :extra_errors, :budget_ppm, :interval_s, :sampled, :mechanism,
  :can_hold, :at)
ON CONFLICT (lane) DO UPDATE SET release = excluded.release, run = excluded.run, phase = excluded.phase, step =
  excluded.step, steps = excluded.steps, set_bp = excluded.set_bp, seen_bp = excluded.seen_bp, set_from =
  excluded.set_from, set_why = excluded.set_why, seen_from = excluded.seen_from, seen_why = excluded.seen_why,
  started = excluded.started, ends = excluded.ends, verdict = excluded.verdict, reason = excluded.reason, exposed =
  excluded.exposed, extra_errors = excluded.extra_errors, budget_ppm = excluded.budget_ppm, interval_s =
  excluded.interval_s, sampled = excluded.sampled, mechanism = excluded.mechanism, can_hold = excluded.can_hold, at
  = excluded.at;

-- query: canaries (row: canary) (empty: canary) (scan: one row for each lane that has a canary)
SELECT * FROM canary ORDER BY lane;

-- query: canary_by_lane (args: key) (row: canary) (empty: canary)
SELECT * FROM canary WHERE lane = :name;

-- query: canary_rung_put (args: canary_rung)
INSERT INTO canary_rung (lane, ordinal, weight_bp, window_s, entered, "left", verdict, "by")
VALUES (:lane, :ordinal, :weight_bp, :window_s, :entered, :left, :verdict, :by)
ON CONFLICT (lane, ordinal) DO UPDATE SET weight_bp = excluded.weight_bp, window_s = excluded.window_s, entered =
  excluded.entered, "left" = excluded."left", verdict = excluded.verdict, "by" = excluded."by";

-- query: canary_rungs_by_lane (args: key) (row: canary_rung)
SELECT * FROM canary_rung WHERE lane = :name ORDER BY ordinal;

-- query: canary_rungs_forget (args: key)
-- Of the lane :name, those behind the first :number.
DELETE FROM canary_rung WHERE lane = :name AND ordinal > :number;

-- query: canary_metric_put (args: canary_metric)
INSERT INTO canary_metric (lane, ordinal, name, unit, kind, control, canary, "limit", verdict, reason, bad, "of",
  at)
VALUES (:lane, :ordinal, :name, :unit, :kind, :control, :canary, :limit, :verdict, :reason, :bad, :of, :at)
ON CONFLICT (lane, ordinal) DO UPDATE SET name = excluded.name, unit = excluded.unit, kind = excluded.kind, control
  = excluded.control, canary = excluded.canary, "limit" = excluded."limit", verdict = excluded.verdict, reason =
  excluded.reason, bad = excluded.bad, "of" = excluded."of", at = excluded.at;

-- query: canary_metrics_by_lane (args: key) (row: canary_metric)
SELECT * FROM canary_metric WHERE lane = :name ORDER BY ordinal;

-- query: canary_metrics_forget (args: key)
-- Of the lane :name, those from :number on.
DELETE FROM canary_metric WHERE lane = :name AND ordinal >= :number;

-- query: canary_sample_put (args: canary_sample)
INSERT INTO canary_sample (lane, metric, at, state, control, canary, control_n, control_bad, canary_n, canary_bad,
  why)
VALUES (:lane, :metric, :at, :state, :control, :canary, :control_n, :control_bad, :canary_n, :canary_bad, :why)
ON CONFLICT (lane, metric, at) DO UPDATE SET state = excluded.state, control = excluded.control, canary =
  excluded.canary, control_n = excluded.control_n, control_bad = excluded.control_bad, canary_n = excluded.canary_n,
  canary_bad = excluded.canary_bad, why = excluded.why;

-- query: canary_samples_by_lane (args: key) (row: canary_sample)
SELECT * FROM canary_sample WHERE lane = :name ORDER BY metric, at;

-- query: canary_samples_newest (args: key) (row: canary_sample)
-- Of the lane :name and the metric :number, newest first.
SELECT * FROM canary_sample WHERE lane = :name AND metric = :number ORDER BY at DESC LIMIT :limit;

-- query: canary_numbered_last (args: key) (row: key)
-- When a metric of the lane :name last brought a number; 0 never.
SELECT coalesce(max(at), 0) AS at FROM canary_sample WHERE lane = :name AND state = 0;

-- query: canary_samples_trim (args: key)
-- Of the lane :name and the metric :number, all but the newest :limit.
DELETE FROM canary_sample WHERE lane = :name AND metric = :number AND at <= (
  SELECT at FROM canary_sample WHERE lane = :name AND metric = :number ORDER BY at DESC LIMIT 1 OFFSET :limit);

-- query: canary_samples_forget (args: key)
DELETE FROM canary_sample WHERE lane = :name;

-- query: canaries_trim (scan: a few rows)
DELETE FROM canary WHERE lane NOT IN (SELECT name FROM lane);

-- query: canary_rungs_trim (scan: a few rows)
DELETE FROM canary_rung WHERE lane NOT IN (SELECT lane FROM canary);

-- query: canary_metrics_trim (scan: a few rows)
DELETE FROM canary_metric WHERE lane NOT IN (SELECT lane FROM canary);

-- query: canary_samples_trim_lanes (scan: CANARY_SAMPLES rows of each metric)
DELETE FROM canary_sample WHERE lane NOT IN (SELECT lane FROM canary);

-- query: canary_past_keep (args: key)
INSERT INTO canary_past SELECT * FROM canary WHERE lane = :name;

-- query: canary_past_rungs_keep (args: key)
INSERT INTO canary_past_rung SELECT * FROM canary_rung WHERE lane = :name;

-- query: canary_past_metrics_keep (args: key)
INSERT INTO canary_past_metric SELECT * FROM canary_metric WHERE lane = :name;

-- query: canary_past_forget (args: key)
DELETE FROM canary_past WHERE lane = :name;

-- query: canary_past_rungs_forget (args: key)
DELETE FROM canary_past_rung WHERE lane = :name;

-- query: canary_past_metrics_forget (args: key)
DELETE FROM canary_past_metric WHERE lane = :name;

-- query: canary_past_by_lane (args: key) (row: canary) (empty: canary_past)
SELECT * FROM canary_past WHERE lane = :name;

-- query: canary_past_rungs_by_lane (args: key) (row: canary_rung) (empty: canary_past_rung)
SELECT * FROM canary_past_rung WHERE lane = :name ORDER BY ordinal;

-- query: canary_past_metrics_by_lane (args: key) (row: canary_metric) (empty: canary_past_metric)
SELECT * FROM canary_past_metric WHERE lane = :name ORDER BY ordinal;

-- query: canaries_past_trim (scan: a few rows)
DELETE FROM canary_past WHERE lane NOT IN (SELECT lane FROM canary);

-- query: canary_past_rungs_trim (scan: a few rows)
DELETE FROM canary_past_rung WHERE lane NOT IN (SELECT lane FROM canary);

-- query: canary_past_metrics_trim (scan: a few rows)
DELETE FROM canary_past_metric WHERE lane NOT IN (SELECT lane FROM canary);

-- ---- polls, settings, events

-- query: poll_put (args: poll) (ages)
-- The rest is for the next engine: no screen shows it.
INSERT INTO poll (name, etag, checked, changed, failures, error)
VALUES (:name, :etag, :checked, :changed, :failures, :error)
ON CONFLICT (name) DO UPDATE SET etag = excluded.etag, checked = excluded.checked, changed = excluded.changed,
  failures = excluded.failures, error = excluded.error;

-- query: poll_by_name (args: key) (row: poll)
SELECT * FROM poll WHERE name = :name;

-- query: setting_put (args: setting)
INSERT INTO setting (name, value, at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at;

-- query: setting_of_ages_put (args: setting) (ages)
-- skew_ms: only ages are counted by it.
INSERT INTO setting (name, value, at) VALUES (:name, :value, :at)
ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at;

-- query: setting_by_name (args: key) (row: setting)
SELECT * FROM setting WHERE name = :name;

-- query: settings (row: setting) (scan: a dozen rows)
SELECT * FROM setting ORDER BY name;

-- query: event_put (args: key)
INSERT INTO event (at, lane, text) VALUES (:at, :name, :text);

-- query: events_after (args: key) (row: event)
SELECT * FROM event WHERE id > :id ORDER BY id LIMIT :limit;

-- query: events_recent (args: key) (row: event) (empty: event) (scan: walks the key backwards and stops at the limit)
SELECT * FROM event ORDER BY id DESC LIMIT :limit;

-- query: events_trim (args: key)
-- Keeps the newest :number.
DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - :number;

-- ---- proofs

-- query: proof_put (args: proof)
INSERT OR REPLACE INTO proof (lane, ordinal, release, subject, digest, "check", required, strict, status, reason, detail, source, evidence, root, builder, "commit", signed_at, logged_at, verified_at, at, policy)
VALUES (:lane, :ordinal, :release, :subject, :digest, :check, :required, :strict, :status, :reason, :detail, :source, :evidence, :root, :builder, :commit, :signed_at, :logged_at, :verified_at, :at, :policy);

-- query: proofs (row: proof) (scan: a few rows a lane)
SELECT * FROM proof ORDER BY lane, ordinal;

-- query: proofs_by_lane (args: key) (row: proof)
SELECT * FROM proof WHERE lane = :name ORDER BY ordinal;

-- query: proofs_by_release (args: key) (row: proof)
SELECT * FROM proof INDEXED BY proof_release WHERE lane = :name AND release = :text ORDER BY ordinal;

-- query: proof_counts (row: key) (scan: one row for each lane of the profiles) (sort: a handful of statuses a lane)
-- How many required proofs of what is live in lane :name and of what goes next have the status :number.
SELECT p.lane AS name, p.status AS number, count(*) AS "limit" FROM lane CROSS JOIN proof AS p INDEXED BY proof_count
WHERE p.lane = lane.name AND p.release IN (lane.live, lane.next) AND p.required <> 0
GROUP BY p.lane, p.status ORDER BY p.lane;

-- query: proofs_forget (args: key)
DELETE FROM proof WHERE lane = :name;

-- query: proof_check_put (args: proof_check)
INSERT OR REPLACE INTO proof_check (lane, proof, evidence, ordinal, id, name, result, reason, expected, found)
VALUES (:lane, :proof, :evidence, :ordinal, :id, :name, :result, :reason, :expected, :found);

-- query: proof_checks_by_proof (args: key) (row: proof_check)
SELECT * FROM proof_check WHERE lane = :name AND proof = :number ORDER BY ordinal;

-- query: proof_checks_forget (args: key)
DELETE FROM proof_check WHERE lane = :name;

-- query: proofs_trim (scan: a few rows a lane)
DELETE FROM proof WHERE lane NOT IN (SELECT name FROM lane);

-- query: proof_checks_trim (scan: a few rows a proof)
DELETE FROM proof_check WHERE lane NOT IN (SELECT name FROM lane);

-- ---- machines

-- query: agent_put (args: agent)
INSERT OR REPLACE INTO agent (lane, id, name, size, datacenter, word, said_verified, complaint, status, reason, detail, quote, quote_reason, token, token_reason, differs, tcb, quote_sha, token_sha, taken, token_until, heard, changed, at)
VALUES (:lane, :id, :name, :size, :datacenter, :word, :said_verified, :complaint, :status, :reason, :detail, :quote, :quote_reason, :token, :token_reason, :differs, :tcb, :quote_sha, :token_sha, :taken, :token_until, :heard, :changed, :at);

-- query: agent_by_id (args: key) (row: agent)
SELECT * FROM agent WHERE lane = :name AND id = :text;

-- query: agents_by_lane (args: key) (row: agent)
-- Behind :text, in the order of their ids.
SELECT * FROM agent WHERE lane = :name AND id > :text ORDER BY id LIMIT :limit;

-- query: agents_by_status (args: agent_filter) (row: agent)
SELECT * FROM agent INDEXED BY agent_status WHERE lane = :lane AND status = :status
AND (:size = '' OR size = :size) AND (:datacenter = '' OR datacenter = :datacenter)
AND (:holds = '' OR instr(name, :holds) > 0 OR instr(id, :holds) > 0)
ORDER BY name, id LIMIT :limit OFFSET :skip;

-- query: agents_count (args: agent_filter) (row: key)
SELECT count(*) AS number FROM agent INDEXED BY agent_status WHERE lane = :lane AND status = :status
AND (:size = '' OR size = :size) AND (:datacenter = '' OR datacenter = :datacenter)
AND (:holds = '' OR instr(name, :holds) > 0 OR instr(id, :holds) > 0);

-- query: agent_forget (args: key)
DELETE FROM agent WHERE lane = :name AND id = :text;

-- query: agents_trim (scan: one lane's machines at a time)
DELETE FROM agent WHERE lane NOT IN (SELECT name FROM lane);

-- query: agent_tree_put (args: agent_tree)
INSERT OR REPLACE INTO agent_tree (lane, id, tree, at)
VALUES (:lane, :id, :tree, :at);

-- query: agent_tree_by_id (args: key) (row: agent_tree)
SELECT * FROM agent_tree WHERE lane = :name AND id = :text;

-- query: agent_tree_forget (args: key)
DELETE FROM agent_tree WHERE lane = :name AND id = :text;

-- query: agent_trees_trim (scan: as many as there are machines)
DELETE FROM agent_tree WHERE lane NOT IN (SELECT name FROM lane);

-- query: fleet_fact_put (args: fleet_fact)
INSERT OR REPLACE INTO fleet_fact (lane, kind, name, declared, effective, source, verdict, detail, at)
VALUES (:lane, :kind, :name, :declared, :effective, :source, :verdict, :detail, :at);

-- query: fleet_facts_by_lane (args: key) (row: fleet_fact)
SELECT * FROM fleet_fact WHERE lane = :name ORDER BY kind, name;

-- query: fleet_facts (row: fleet_fact) (scan: a dozen rows a lane)
SELECT * FROM fleet_fact ORDER BY lane, kind, name;

-- query: fleet_facts_forget (args: key)
DELETE FROM fleet_fact WHERE lane = :name;

-- query: fleet_facts_trim (scan: a dozen rows a lane)
DELETE FROM fleet_fact WHERE lane NOT IN (SELECT name FROM lane);

-- ---- the schema itself

-- query: content_moves (ages)
INSERT INTO content (one, generation) VALUES (1, 1)
ON CONFLICT (one) DO UPDATE SET generation = generation + 1;

-- query: schema_strangers (row: key) (scan: the list of tables, two dozen rows)
-- What we never make, and what would run by itself.
SELECT count(*) AS number FROM sqlite_schema WHERE type IN ('trigger', 'view');

-- query: schema_size (row: key) (scan: the list of tables, two dozen rows)
SELECT count(*) AS number FROM sqlite_schema;

-- ---- guards, as screens see them

-- query: guard_mirror_put (args: canary_guard)
INSERT OR REPLACE INTO guard (lane, release, run, may, armed_by, uid, client, armed, deadline, silence, needed, "of", state, reason, would,
  breached, nonce, intent, arming, refused, at)
VALUES (:lane, :release, :run, :may, :armed_by, :uid, :client, :armed, :deadline, :silence, :needed, :of, :state, :reason, :would,
  :breached, :nonce, :intent, :arming, :refused, :at);

-- query: guards (row: canary_guard) (empty: guard) (scan: a guard a lane at most)
SELECT * FROM guard ORDER BY lane;

-- query: guards_forget
DELETE FROM guard;

-- ---- journal

-- query: journal_twin (args: journal_intent) (row: journal_intent) (journal) (sort: open intents are few)
-- What forbids sending: the nonce was used, in whatever state, or the same act on the same lane is open. An act without
-- a lane is the same when it is about the same thing. A plain abort of one step that is not found (8) stands in the way of
-- none that goes back (core/engine/twin.c).
SELECT * FROM intent
WHERE nonce = :nonce
  OR (act = :act AND lane = :lane AND state NOT IN (3, 4, 5, 6, 9)
    AND (lane <> '' OR (repo = :repo AND subject = :subject))
    AND NOT (act = 'abort' AND state = 8 AND steps = 1 AND instr(line, '--rollback') = 0
      AND instr(:line, '--rollback') > 0))
ORDER BY id LIMIT 1;

-- query: journal_insert (args: journal_intent) (journal)
INSERT INTO intent (nonce, plan_id, act, lane, repo, subject, line, request, body, who, reason, relies_on, state,
  run_id, run_url, note, sends, exclude_run, created, sent, settled, steps, done, step, client, target)
VALUES (:nonce, :plan_id, :act, :lane, :repo, :subject, :line, :request, :body, :who, :reason, :relies_on, :state,
  :run_id, :run_url, :note, :sends, :exclude_run, :created, :sent, :settled, :steps, :done,
  :step, :client, :target);

-- query: journal_move (args: journal_intent) (journal)
UPDATE intent SET request = :request, body = :body, state = :state, run_id = :run_id, run_url = :run_url, note = :note,
  sends = :sends, sent = :sent, settled = :settled, done = :done, step = :step
WHERE id = :id;

-- query: journal_log (args: log) (journal)
INSERT INTO intent_log (intent, at, state, run_id, run_url, note, sends)
VALUES (:intent, :at, :state, :run_id, :run_url, :note, :sends);

-- query: journal_by_id (args: key) (row: journal_intent) (journal)
SELECT * FROM intent WHERE id = :id;

-- query: journal_open (row: journal_intent) (journal) (scan: the partial index holds open intents only) (sort: they are few)
SELECT * FROM intent INDEXED BY intent_open WHERE state NOT IN (3, 4, 5, 6, 9) ORDER BY id;

-- query: journal_recent (args: key) (row: journal_intent) (journal) (scan: walks the key backwards and stops at the limit)
SELECT * FROM intent ORDER BY id DESC LIMIT :limit;

-- query: journal_of_plan (args: key) (row: journal_intent) (journal) (scan: all acts once, newest first; an index of a rare question would cost each act)
SELECT * FROM intent WHERE plan_id = :text ORDER BY id DESC;

-- query: journal_of_run (args: key) (row: journal_intent) (journal) (scan: as journal_of_plan)
SELECT * FROM intent WHERE run_id = :id ORDER BY id DESC;

-- query: journal_all (row: journal_intent) (journal) (scan: the audit chain is held against every intent)
SELECT * FROM intent ORDER BY id;

-- query: journal_logs (row: log) (journal) (scan: the audit chain is held against every move)
SELECT * FROM intent_log ORDER BY id;

-- query: journal_log_by_id (args: key) (row: log) (journal)
SELECT * FROM intent_log WHERE id = :id;

-- query: audit_insert (args: audit_line) (journal)
INSERT INTO audit (seq, log, line, hash) VALUES (:seq, :log, :line, :hash);

-- query: audit_last (row: audit_line) (journal) (scan: walks the key backwards and stops at the first)
SELECT * FROM audit ORDER BY seq DESC LIMIT 1;

-- query: audit_by_seq (args: key) (row: audit_line) (journal)
SELECT * FROM audit WHERE seq = :id;

-- query: audit_all (row: audit_line) (journal) (scan: a chain is verified and exported as a whole)
SELECT * FROM audit ORDER BY seq;

-- query: audit_made (row: key) (journal) (scan: a row a table)
SELECT seq AS number FROM sqlite_sequence WHERE name = 'audit';

-- query: audit_anchor_add (args: audit_anchor) (journal)
INSERT INTO anchor (seq, hash, witness, place, at) VALUES (:seq, :hash, :witness, :place, :at);

-- query: audit_anchors (row: audit_anchor) (journal) (scan: every witness is asked)
SELECT * FROM anchor ORDER BY id;

-- query: asset_seen_add (args: asset_seen) (journal)
-- The first word stays.
INSERT INTO asset_seen (repo, tag, name, sha256, first_seen) VALUES (:repo, :tag, :name, :sha256, :first_seen)
ON CONFLICT (repo, tag, name) DO NOTHING;

-- query: asset_seen_get (args: asset_seen) (row: asset_seen) (journal)
SELECT * FROM asset_seen WHERE repo = :repo AND tag = :tag AND name = :name;

-- query: journal_by_nonce (args: key) (row: journal_intent) (journal)
SELECT * FROM intent WHERE nonce = :text;

-- query: journal_guard_put (args: canary_guard) (journal)
INSERT OR REPLACE INTO guard (lane, release, run, may, armed_by, uid, client, armed, deadline, silence, needed, "of", state, reason, would,
  breached, nonce, intent, arming, refused, at)
VALUES (:lane, :release, :run, :may, :armed_by, :uid, :client, :armed, :deadline, :silence, :needed, :of, :state, :reason, :would,
  :breached, :nonce, :intent, :arming, :refused, :at);

-- query: journal_guard_by_lane (args: key) (row: canary_guard) (journal)
SELECT * FROM guard WHERE lane = :name;

-- query: journal_guards (row: canary_guard) (journal) (scan: a guard a lane at most)
SELECT * FROM guard ORDER BY lane;
