-- Accepting a deletion.
-- The settings: see claim_jobs.sql.

-- Cancels the store's queued jobs, asks running ones to stop, and queues the job that deletes. p_visible_to: see lock_store.
-- p_wants_final: a final backup is taken first, where there is anything whole to save. p_keep_days: for how long backups are kept after it.
-- p_purge: nothing is kept; a deletion that waits or runs forgets what it was to keep, and so does a store that is deleted already.
-- Locks: the store's unfinished jobs, then the store.
-- Returns: outcome accepted, already_deleting, purged (of a store that was deleted) or not_found; the new job, the jobs that were cancelled or asked
-- to stop, the store as it is.
CREATE OR REPLACE FUNCTION delete_store(
    p_id text, p_visible_to text, p_traceparent text, p_wants_final boolean DEFAULT false, p_keep_days integer DEFAULT 7, p_purge boolean DEFAULT false,
    OUT outcome text, OUT accepted_job bigint, OUT stopped bigint[], OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    saves boolean;
    deletion record;
BEGIN
    store := lock_store(p_id, p_visible_to, 'owner');
    IF store.id IS NULL THEN
        UPDATE stores s SET kept_until = NULL
         WHERE p_purge AND s.id = p_id AND s.deleted_at IS NOT NULL AND s.kept_until IS NOT NULL AND (p_visible_to IS NULL OR s.owner = p_visible_to)
        RETURNING s.* INTO store;
        outcome := CASE WHEN FOUND THEN 'purged' ELSE 'not_found' END;
        RETURN;
    END IF;
    IF store.status = 'deleting' THEN
        IF p_purge THEN
            UPDATE jobs j SET wants_final = false, keep_days = 0
             WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND j.kind = 'delete' AND (j.wants_final OR j.keep_days > 0);
        END IF;
        outcome := 'already_deleting';
        RETURN;
    END IF;
    saves := p_wants_final AND NOT p_purge AND final_is_due(store);
    SELECT * INTO deletion FROM queue_deletion(store, p_traceparent, saves, CASE WHEN p_purge THEN 0 ELSE p_keep_days END);
    accepted_job := deletion.accepted_job;
    stopped := deletion.stopped;
    store := deletion.store;
    outcome := 'accepted';
END $$;

-- Queues the deletion of a store that is locked. p_saves: a final backup is taken first.
-- Locks: nothing that is not locked.
-- Returns: the new job, the jobs that were cancelled or asked to stop, the store as it is.
CREATE OR REPLACE FUNCTION queue_deletion(
    p_store stores, p_traceparent text, p_saves boolean, p_keep_days integer, OUT accepted_job bigint, OUT stopped bigint[], OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    WITH asked AS (
        UPDATE jobs j SET
            cancel_requested_at = clock_timestamp(),
            state = CASE j.state WHEN 'queued' THEN 'cancelled' ELSE j.state END,
            finished_at = CASE j.state WHEN 'queued' THEN clock_timestamp() END
         WHERE j.store_id = p_store.id AND j.state IN ('queued', 'running') AND j.kind <> 'delete' RETURNING j.id)
    SELECT array_agg(asked.id) INTO stopped FROM asked;
    INSERT INTO jobs (store_id, kind, class, namespace, owner, traceparent, wants_final, keep_days)
    VALUES (p_store.id, 'delete', 0, p_store.namespace, p_store.owner, p_traceparent, p_saves, p_keep_days) RETURNING id INTO accepted_job;
    UPDATE stores s SET status = 'deleting', error_message = NULL, job_id = accepted_job WHERE s.id = p_store.id RETURNING s.* INTO store;
END $$;
