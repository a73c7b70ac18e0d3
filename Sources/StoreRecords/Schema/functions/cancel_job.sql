-- What an operator does to one job.

-- The store of a job that an operator cancelled becomes failed, for its owner to retry or delete.
-- Locks: the store's row.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION cancel_store_job(job jobs) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE stores SET status = 'failed', error_message = coalesce(job.cancel_reason, 'The job was cancelled.'), job_id = job.id
     WHERE id = job.store_id AND deleted_at IS NULL
       AND status = CASE job.kind WHEN 'delete' THEN 'deleting' ELSE 'provisioning' END
$$;

-- Cancels a queued job at once; asks the worker of a running one to stop.
-- Locks: the job's row, then its store's.
-- Returns: outcome cancelled, asked (it runs), over (it had ended) or not_found; the job as it is now.
CREATE OR REPLACE FUNCTION cancel_job(p_job bigint, p_reason text, OUT outcome text, OUT job jobs) LANGUAGE plpgsql AS $$
BEGIN
    SELECT * INTO job FROM jobs WHERE id = p_job FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
    ELSIF job.state NOT IN ('queued', 'running') THEN
        outcome := 'over';
    ELSIF job.state = 'running' THEN
        UPDATE jobs SET cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()), cancel_reason = coalesce(cancel_reason, p_reason)
         WHERE id = p_job RETURNING * INTO job;
        outcome := 'asked';
    ELSE
        UPDATE jobs SET cancel_requested_at = clock_timestamp(), cancel_reason = p_reason, state = 'cancelled',
            finished_at = clock_timestamp(), error = p_reason
         WHERE id = p_job RETURNING * INTO job;
        PERFORM cancel_store_job(job);
        outcome := 'cancelled';
    END IF;
END $$;

-- Lets a job run now that waits for a later time.
-- Locks: the job's row.
-- Returns: outcome mayRunNow, not_waiting or not_found; the job as it is now.
CREATE OR REPLACE FUNCTION run_job_now(p_job bigint, OUT outcome text, OUT job jobs) LANGUAGE plpgsql AS $$
BEGIN
    SELECT * INTO job FROM jobs WHERE id = p_job FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
    ELSIF job.state = 'queued' AND job.run_after > clock_timestamp() THEN
        UPDATE jobs SET run_after = clock_timestamp() WHERE id = p_job RETURNING * INTO job;
        outcome := 'mayRunNow';
    ELSE
        outcome := 'not_waiting';
    END IF;
END $$;
