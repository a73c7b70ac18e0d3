-- Jobs whose worker was lost.
-- The settings: see claim_jobs.sql.

-- Queues a running job again; or ends it, as cancelled if that was asked for, as failed if it took too many workers with it. The lease keeps
-- its past expiry, by which the next claim knows that it takes over. The caller holds the namespace's lease row.
-- Locks: the job, then its store if the job ends.
-- Returns: the job's state after it.
CREATE OR REPLACE FUNCTION reclaim_job(p_job bigint) RETURNS text LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    job jobs;
    reason text;
BEGIN
    SELECT * INTO job FROM jobs WHERE id = p_job FOR UPDATE;
    IF job.state <> 'running' THEN
        RETURN job.state;
    END IF;
    IF job.cancel_requested_at IS NOT NULL THEN
        UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp(), error = cancel_reason WHERE id = p_job;
        PERFORM cancel_store_job(job);
        RETURN 'cancelled';
    END IF;
    IF job.reclaims + 1 >= job.max_reclaims THEN
        reason := format('Abandoned after %s workers were lost while they ran it. Check the workers'' logs before retrying.', job.max_reclaims);
        UPDATE jobs SET state = 'failed', reclaims = reclaims + 1, error = reason, finished_at = clock_timestamp() WHERE id = p_job;
        PERFORM end_store_job(job, 'workers-lost', reason);
        RETURN 'failed';
    END IF;
    UPDATE jobs SET state = 'queued', reclaims = reclaims + 1, attempt = greatest(attempt - 1, 0),
        run_after = clock_timestamp(), worker = NULL WHERE id = p_job;
    RETURN 'queued';
END $$;

-- Reclaims running jobs whose lease has expired, at most p_limit.
-- Locks: for each the namespace's lease, then what reclaim_job locks.
-- Returns: the jobs, in whatever state that leaves them.
CREATE OR REPLACE FUNCTION release_lapsed(p_limit integer) RETURNS SETOF bigint LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    candidate record;
BEGIN
    FOR candidate IN
        SELECT j.id, j.namespace FROM jobs j JOIN namespace_leases l ON l.namespace = j.namespace
         WHERE j.state = 'running' AND NOT (l.job_id = j.id AND l.expires_at > clock_timestamp()) LIMIT p_limit
    LOOP
        -- Read again under the lock: meanwhile another attempt may have taken the job over.
        PERFORM 1 FROM namespace_leases WHERE namespace = candidate.namespace FOR UPDATE;
        IF EXISTS (SELECT 1 FROM jobs j JOIN namespace_leases l ON l.namespace = j.namespace
                    WHERE j.id = candidate.id AND j.state = 'running' AND NOT (l.job_id = j.id AND l.expires_at > clock_timestamp())) THEN
            PERFORM reclaim_job(candidate.id);
            RETURN NEXT candidate.id;
        END IF;
    END LOOP;
END $$;
