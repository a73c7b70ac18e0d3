-- Advancing rollouts. Workers call both functions again and again; whoever calls them, and how often, changes nothing but the time.
-- The settings: see claim_jobs.sql.

-- Notes what became of the members that run or are watched, and of the rollout by that: it is halted, or done, or may begin for the first time.
-- p_opens_at: when the installation's hours begin; NULL: they are now, or there are none.
-- Locks: the rollout, its members.
-- Returns: the rollout as it is now, and `changed`: whether its state is another one; NULLs where it is gone.
CREATE OR REPLACE FUNCTION advance_rollout(p_id text, p_opens_at timestamptz, OUT changed boolean, OUT rollout rollouts) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    before text;
    failures integer;
    last record;
BEGIN
    SELECT * INTO rollout FROM rollouts r WHERE r.id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    before := rollout.state;
    PERFORM read_members(rollout);
    UPDATE rollouts r SET opens_at = CASE WHEN r.respect_windows AND NOT r.urgent AND r.ended_at IS NULL THEN p_opens_at END
     WHERE r.id = p_id AND r.opens_at IS DISTINCT FROM CASE WHEN r.respect_windows AND NOT r.urgent AND r.ended_at IS NULL THEN p_opens_at END;
    UPDATE rollouts r SET state = 'running', started_at = clock_timestamp()
     WHERE r.id = p_id AND r.opens_at IS NULL AND (r.state = 'planned' OR (r.state = 'running' AND r.started_at IS NULL));
    failures := rollout_failures(p_id);
    IF failures - rollout.forgiven > rollout.max_failures THEN
        SELECT s.name, m.reason INTO last FROM rollout_stores m JOIN stores s ON s.id = m.store_id
         WHERE m.rollout_id = p_id AND m.state IN ('failed', 'kept') ORDER BY m.ended_at DESC, m.place DESC LIMIT 1;
        UPDATE rollouts r SET state = 'halted', halted_reason = format(
            '%s failed or %s kept, and %s may; the last is %s: %s',
            CASE failures WHEN 1 THEN '1 store' ELSE failures || ' stores' END, CASE failures WHEN 1 THEN 'was' ELSE 'were' END,
            rollout.max_failures + rollout.forgiven, last.name, last.reason)
         WHERE r.id = p_id AND r.state = 'running';
    END IF;
    UPDATE rollouts r SET state = 'done', ended_at = clock_timestamp(), opens_at = NULL
     WHERE r.id = p_id AND r.state = 'running'
       AND NOT EXISTS (SELECT 1 FROM rollout_stores m WHERE m.rollout_id = p_id AND m.state IN ('waiting', 'running', 'soaking'));
    SELECT * INTO rollout FROM rollouts r WHERE r.id = p_id;
    changed := rollout.state <> before;
    IF changed AND rollout.state = 'halted' THEN
        PERFORM notice_rollout(rollout);
    END IF;
END $$;

-- Reads what became of a rollout's members that run, by the outcome of their generation; then of those that are watched. Degraded, also for a
-- while, is as failed; what the watcher said before the upgrade is not counted.
-- Locks: those members. The caller has locked the rollout.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION read_members(rollout rollouts) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    UPDATE rollout_stores m SET state = v.state,
        applied_at = CASE v.state WHEN 'soaking' THEN clock_timestamp() END,
        ended_at = CASE WHEN v.state <> 'soaking' THEN clock_timestamp() END,
        reason = CASE v.state
            WHEN 'skipped' THEN CASE WHEN v.is_gone THEN 'The store is deleted' ELSE format('It was given version %s meanwhile', v.version) END
            WHEN 'kept' THEN coalesce(v.change_error, 'The upgrade was taken back')
            WHEN 'failed' THEN coalesce(v.error_message, v.change_error, v.job_error, 'The upgrade ended without a result') END
      FROM (SELECT a.*, CASE
                WHEN a.is_gone THEN 'skipped'
                WHEN a.outcome = 'applied' THEN CASE WHEN is_below(a.version, rollout.to_version) THEN 'skipped' ELSE 'soaking' END
                -- One whose way back failed does not serve.
                WHEN a.outcome = 'kept' THEN CASE a.status WHEN 'failed' THEN 'failed' ELSE 'kept' END
                WHEN a.is_worked_at THEN 'running'
                ELSE 'failed' END AS state
              FROM (SELECT m.store_id, s.status, s.version, s.change_error, s.error_message, j.error AS job_error,
                           s.deleted_at IS NOT NULL OR s.status = 'deleting' AS is_gone,
                           -- A generation that nobody needs any more is forgotten.
                           coalesce(g.outcome, CASE WHEN s.applied_generation >= m.generation THEN 'applied' END) AS outcome,
                           EXISTS (SELECT 1 FROM jobs u WHERE u.store_id = m.store_id AND u.state IN ('queued', 'running') AND u.kind <> 'backup')
                               AS is_worked_at
                      FROM rollout_stores m
                      JOIN stores s ON s.id = m.store_id
                      LEFT JOIN store_specs g ON g.store_id = m.store_id AND g.generation = m.generation
                      LEFT JOIN jobs j ON j.id = m.job_id
                     WHERE m.rollout_id = rollout.id AND m.state = 'running') a) v
     WHERE m.rollout_id = rollout.id AND m.store_id = v.store_id AND v.state <> 'running';

    UPDATE rollout_stores m SET state = v.state, ended_at = clock_timestamp(),
        reason = CASE WHEN v.state = 'failed' THEN coalesce(v.failure, 'It was degraded') || ' (within the soak)' END
      FROM (SELECT m.store_id, bad.failure,
                   CASE WHEN bad.is_bad THEN 'failed' WHEN m.applied_at <= clock_timestamp() - seconds(rollout.soak_seconds) THEN 'done' END AS state
              FROM rollout_stores m
              JOIN stores s ON s.id = m.store_id
              LEFT JOIN LATERAL (
                SELECT true AS found, h.cause FROM health_history h
                 WHERE h.store_id = m.store_id AND h.to_health = 'degraded' AND h.at > m.applied_at
                   AND h.at <= m.applied_at + seconds(rollout.soak_seconds) ORDER BY h.id LIMIT 1) h ON true
              CROSS JOIN LATERAL (
                SELECT s.status = 'failed' OR h.found IS NOT NULL
                           OR (rollout.soak_seconds > 0 AND s.health = 'degraded' AND m.applied_at <= clock_timestamp() - seconds(rollout.soak_seconds)) AS is_bad,
                       coalesce(h.cause, s.error_message, s.health_cause) AS failure) bad
             WHERE m.rollout_id = rollout.id AND m.state = 'soaking') v
     WHERE m.rollout_id = rollout.id AND m.store_id = v.store_id AND v.state IS NOT NULL;
END $$;

-- Begins the next member of the first wave that is not whole, as a change of the background, or skips it and says why. What failed and is tried
-- again goes on from where it is.
-- Locks: the rollout; then as change_store or retry_store; the member.
-- Returns: outcome accepted, skipped or none (no member may begin now); of accepted the job, its kind and class, and the store.
CREATE OR REPLACE FUNCTION begin_rollout_store(
    p_id text, OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT accepted_class integer, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    rollout rollouts;
    member rollout_stores;
    answer record;
    refusal text;
BEGIN
    outcome := 'none';
    SELECT * INTO rollout FROM rollouts r WHERE r.id = p_id FOR UPDATE;
    IF NOT FOUND OR rollout.state <> 'running' OR rollout.opens_at IS NOT NULL
        OR (SELECT count(*) FROM rollout_stores m WHERE m.rollout_id = p_id AND m.state = 'running') >= rollout.batch THEN
        RETURN;
    END IF;
    SELECT * INTO member FROM rollout_stores m
     WHERE m.rollout_id = p_id AND m.state = 'waiting' AND m.wave = (
        SELECT min(w.wave) FROM rollout_stores w WHERE w.rollout_id = p_id AND w.state IN ('waiting', 'running', 'soaking'))
     ORDER BY m.place LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    store := lock_store(member.store_id, NULL, 'owner');
    refusal := CASE
        WHEN store.id IS NULL OR store.status = 'deleting' THEN 'The store is deleted'
        WHEN store.pinned AND NOT rollout.urgent THEN 'The store is pinned to its version'
            || coalesce(to_char(store.pinned_until AT TIME ZONE 'UTC', '" until "YYYY-MM-DD HH24:MI" UTC"'), '')
        WHEN store.asleep AND rollout.sleeping = 'skip' THEN 'The store sleeps'
        WHEN is_below(rollout.to_version, store.version) THEN format('It has version %s already', store.version)
        -- What this rollout itself brought about is tried again.
        WHEN member.generation IS NOT NULL AND (store.status = 'failed' OR store.change_error IS NOT NULL) THEN
            CASE WHEN store.status = 'failed' AND (last_job(store.id)).kind IN ('delete', 'restore')
                THEN format('A %s of the store has failed', CASE (last_job(store.id)).kind WHEN 'delete' THEN 'deletion' ELSE 'restore' END) END
        WHEN store.status = 'failed' THEN 'The store has failed: ' || coalesce(store.error_message, 'it is not known why')
        WHEN NOT is_below(store.version, rollout.to_version) THEN format('It has version %s already', store.version) END;
    IF refusal IS NULL THEN
        IF store.status = 'failed' AND (store.version = rollout.to_version OR half_upgraded(store.id) OR half_restored(store.id)) THEN
            SELECT r.outcome, r.accepted_job, r.accepted_kind, 2 AS accepted_class, r.store INTO answer FROM retry_store(member.store_id, NULL, NULL) r;
            UPDATE jobs j SET class = 2 WHERE j.id = answer.accepted_job;
        ELSE
            SELECT r.outcome, r.accepted_job, r.accepted_kind, r.accepted_class, r.store INTO answer
              FROM change_store(member.store_id, NULL, NULL, NULL, NULL, rollout.to_version, NULL, NULL, NULL, false,
                                -- An operator asked for it again, also where the version did not prove itself.
                                member.generation IS NOT NULL, NULL, 'user', 'rollout ' || rollout.id, NULL, 2, NULL, NULL) r;
        END IF;
        IF answer.outcome = 'no_version' THEN
            -- The workers that have it are starting anew, or are gone: the rollout waits for them.
            RETURN;
        ELSIF answer.outcome = 'accepted' THEN
            outcome := answer.outcome;
            accepted_job := answer.accepted_job;
            accepted_kind := answer.accepted_kind;
            accepted_class := answer.accepted_class;
            store := answer.store;
            UPDATE rollout_stores m SET state = 'running', generation = store.generation, job_id = accepted_job, began_at = clock_timestamp()
             WHERE m.rollout_id = p_id AND m.store_id = member.store_id;
            RETURN;
        END IF;
        refusal := CASE answer.outcome
            WHEN 'not_ready' THEN 'The store cannot be changed now: it is being made or restored, or something of it was removed outside Store Weaver'
            WHEN 'blocked' THEN 'The version was tried in the store before, and the store went back'
            WHEN 'not_found' THEN 'The store is deleted' ELSE format('The upgrade is refused: %s', answer.outcome) END;
    END IF;
    outcome := 'skipped';
    UPDATE rollout_stores m SET state = 'skipped', ended_at = clock_timestamp(), reason = refusal
     WHERE m.rollout_id = p_id AND m.store_id = member.store_id;
END $$;
