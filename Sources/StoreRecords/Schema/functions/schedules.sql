-- Stores that sleep and wake by a schedule.
-- The settings: see claim_jobs.sql.

-- Gives a store another schedule. p_schedule NULL: it keeps what it has; '': none. p_next: when the schedule changes the store next, from now on.
-- Locks: the store.
-- Returns: whether it has another schedule than before.
CREATE OR REPLACE FUNCTION set_schedule(p_store text, p_schedule text, p_next timestamptz) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    UPDATE stores s SET awake_schedule = nullif(p_schedule, ''), schedule_next_at = p_next
     WHERE s.id = p_store AND s.awake_schedule IS DISTINCT FROM nullif(p_schedule, '') AND p_schedule IS NOT NULL;
    RETURN FOUND;
END $$;

-- Does what a store's schedule says for p_due, the time that is noted with the store, and notes p_next. A store that cannot be changed now is
-- left as it is until then. p_unit_limit: as of change_store. Its owner sees of a refusal that the store was to be woken.
-- Locks: as change_store.
-- Returns: outcome accepted, unchanged, not_ready, unit_limit, or stale: the store is not due any more; of accepted the job, its kind and class, and
-- the store.
CREATE OR REPLACE FUNCTION follow_schedule(
    p_id text, p_due timestamptz, p_next timestamptz, p_asleep boolean, p_unit_limit integer, p_by text, p_class integer,
    OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT accepted_class integer, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    owned_by text;
    change record;
BEGIN
    PERFORM 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running') ORDER BY j.id FOR UPDATE;
    UPDATE stores s SET schedule_next_at = p_next WHERE s.id = p_id AND s.deleted_at IS NULL AND s.schedule_next_at = p_due
    RETURNING s.owner INTO owned_by;
    IF NOT FOUND THEN
        outcome := 'stale';
        RETURN;
    END IF;
    SELECT * INTO change FROM change_store(
        p_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, p_asleep, false, false, p_unit_limit,
        coalesce((SELECT a.role FROM accounts a WHERE a.id = owned_by), 'user'), p_by, NULL, p_class, NULL, NULL);
    outcome := change.outcome;
    accepted_job := change.accepted_job;
    accepted_kind := change.accepted_kind;
    accepted_class := change.accepted_class;
    IF outcome = 'unit_limit' THEN
        UPDATE stores s SET change_error_code = 'unit-limit', change_error_at = clock_timestamp(), change_error = format(
            'The schedule could not wake the store: %s of %s units are used. Delete a store or let one sleep, then wake this one.',
            change.used, change.allowed)
         WHERE s.id = p_id;
    END IF;
    SELECT * INTO store FROM stores s WHERE s.id = p_id;
END $$;
