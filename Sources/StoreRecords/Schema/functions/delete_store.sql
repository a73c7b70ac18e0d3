-- Accepts a deletion: cancels the store's queued job, asks a running one to stop, and queues the job that deletes.
-- p_visible_to: whose the store has to be; NULL: anybody's.
-- Locks: the store's unfinished jobs, then the store.
-- Returns: outcome accepted, already_deleting or not_found; the new job, the jobs that were cancelled or asked to stop, the store as it is.
-- The settings: see claim_jobs.sql.
CREATE OR REPLACE FUNCTION delete_store(
    p_id text, p_visible_to text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT stopped bigint[], OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    store := lock_store(p_id, p_visible_to);
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF store.status = 'deleting' THEN
        outcome := 'already_deleting';
        RETURN;
    END IF;
    WITH asked AS (
        UPDATE jobs j SET
            cancel_requested_at = clock_timestamp(),
            state = CASE j.state WHEN 'queued' THEN 'cancelled' ELSE j.state END,
            finished_at = CASE j.state WHEN 'queued' THEN clock_timestamp() END
         WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND j.kind <> 'delete' RETURNING j.id)
    SELECT array_agg(asked.id) INTO stopped FROM asked;
    INSERT INTO jobs (store_id, kind, class, namespace, owner, traceparent)
    VALUES (p_id, 'delete', 0, store.namespace, store.owner, p_traceparent) RETURNING id INTO accepted_job;
    UPDATE stores s SET status = 'deleting', error_message = NULL, job_id = accepted_job WHERE s.id = p_id RETURNING s.* INTO store;
    outcome := 'accepted';
END $$;
