-- What an operator does to one job.

-- In which status a store is while a job of this kind is at it. A change of a ready store leaves it ready, and so does a restore of one; a restore
-- of a failed store provisions it. A backup is at no store in this sense: it goes on whatever the store is, and leaves that as it is.
-- Locks: nothing.
-- Returns: those that it may have.
CREATE OR REPLACE FUNCTION status_under(kind text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind WHEN 'delete' THEN ARRAY['deleting'] WHEN 'apply' THEN ARRAY['ready'] WHEN 'restore' THEN ARRAY['ready', 'provisioning']
                     WHEN 'backup' THEN '{}' ELSE ARRAY['provisioning'] END
$$;

-- Whether a ready store serves on as it was when a job that was at it does not come to its end: after a change, unless it is an upgrade that
-- closed the store, and after a restore that has not begun to replace its data.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION leaves_ready(job jobs) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT job.kind IN ('apply', 'restore') AND job.phase IS NULL OR job.kind = 'apply' AND job.phase = 'going-back' AND job.backup_id IS NULL
$$;

-- A change of a ready store is not made, and nobody is at it any more. What of it the cluster has is not known: the spec stays, and a retry or the
-- next change makes it true.
-- Locks: the store's row.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION not_applied(p_store text, p_code text, p_message text) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE stores SET activity = resting_activity(id, 0), change_error_code = p_code, change_error = p_message, change_error_at = clock_timestamp()
     WHERE id = p_store AND deleted_at IS NULL AND status = 'ready'
$$;

-- The store of a job that was ended from outside: of a change it stays ready and says so, of a backup it stays as it is, else it becomes failed, for
-- its owner to retry or delete.
-- Locks: the store's row.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION end_store_job(job jobs, code text, reason text) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF job.kind = 'backup' THEN
        PERFORM end_backing_up(job);
        RETURN;
    END IF;
    IF leaves_ready(job) THEN
        PERFORM not_applied(job.store_id, code, reason);
    END IF;
    PERFORM give_up_upgrade(job);
    UPDATE stores SET status = 'failed', error_message = reason, job_id = job.id
     WHERE id = job.store_id AND deleted_at IS NULL AND status = ANY (status_under(job.kind)) AND NOT (status = 'ready' AND leaves_ready(job));
END $$;

-- As end_store_job, for a job that an operator cancelled.
-- Locks: the store's row.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION cancel_store_job(job jobs) RETURNS void LANGUAGE sql AS $$
    SELECT end_store_job(job, 'cancelled', coalesce(job.cancel_reason, 'The job was cancelled.'))
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
