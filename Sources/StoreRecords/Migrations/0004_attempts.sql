-- An attempt's life: claim, renew, fenced writes, settle. Each is one statement for the caller.

-- A job whose holder vanished goes back to the queue, or is buried when it took too many workers with it.
-- The lease row keeps its past expiry, by which the next claim knows that it takes over.
CREATE FUNCTION reclaim_job(p_job bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    job jobs;
    reason text;
BEGIN
    SELECT * INTO job FROM jobs WHERE id = p_job FOR UPDATE;
    IF job.state <> 'running' THEN
        RETURN job.state;
    END IF;
    IF job.cancel_requested_at IS NOT NULL AND job.kind <> 'delete' THEN
        UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp() WHERE id = p_job;
        RETURN 'cancelled';
    END IF;
    IF job.reclaims + 1 >= job.max_reclaims THEN
        reason := format('The job was given up: %s workers in a row vanished while they ran it. Look at the workers'' logs before retrying.', job.max_reclaims);
        UPDATE jobs SET state = 'failed', reclaims = reclaims + 1, error = reason, finished_at = clock_timestamp() WHERE id = p_job;
        UPDATE stores SET status = 'failed', error_message = reason, job_id = p_job
         WHERE id = job.store_id AND deleted_at IS NULL AND status = CASE job.kind WHEN 'delete' THEN 'deleting' ELSE 'provisioning' END;
        RETURN 'failed';
    END IF;
    UPDATE jobs SET state = 'queued', reclaims = reclaims + 1, attempt = greatest(attempt - 1, 0),
        run_after = clock_timestamp(), worker = NULL WHERE id = p_job;
    RETURN 'queued';
END $$;

-- The running jobs whose holder vanished, put back; those that are queued again.
CREATE FUNCTION release_lapsed(p_limit integer) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    candidate record;
BEGIN
    FOR candidate IN
        SELECT j.id, j.namespace FROM jobs j JOIN namespace_leases l ON l.namespace = j.namespace
         WHERE j.state = 'running' AND NOT (l.job_id = j.id AND l.expires_at > clock_timestamp()) LIMIT p_limit
    LOOP
        -- Looked at again under the lock: meanwhile another attempt may have taken the job over.
        PERFORM 1 FROM namespace_leases WHERE namespace = candidate.namespace FOR UPDATE;
        IF EXISTS (SELECT 1 FROM jobs j JOIN namespace_leases l ON l.namespace = j.namespace
                    WHERE j.id = candidate.id AND j.state = 'running' AND NOT (l.job_id = j.id AND l.expires_at > clock_timestamp()))
           AND reclaim_job(candidate.id) = 'queued' THEN
            RETURN NEXT candidate.id;
        END IF;
    END LOOP;
END $$;

-- outcome: claimed | held | over | not_yet; retry_after in seconds for held and not_yet.
CREATE FUNCTION claim_job(
    p_job bigint, p_worker text, p_attempt text, p_lease double precision,
    OUT outcome text, OUT retry_after double precision, OUT granted bigint, OUT taken_over boolean
) LANGUAGE plpgsql AS $$
DECLARE
    job jobs;
    lease namespace_leases;
    wanted text;
BEGIN
    SELECT * INTO job FROM jobs WHERE id = p_job;
    IF NOT FOUND OR job.state NOT IN ('queued', 'running') THEN
        outcome := 'over';
        RETURN;
    END IF;
    wanted := job.namespace;
    INSERT INTO namespace_leases (namespace) VALUES (wanted) ON CONFLICT DO NOTHING;
    SELECT * INTO lease FROM namespace_leases WHERE namespace = wanted FOR UPDATE;
    -- clock_timestamp(), not now(): time went by while waiting for the row.
    IF lease.expires_at > clock_timestamp() THEN
        outcome := 'held';
        retry_after := extract(epoch FROM lease.expires_at - clock_timestamp());
        RETURN;
    END IF;
    SELECT * INTO job FROM jobs WHERE id = p_job FOR UPDATE;
    IF job.namespace <> wanted THEN
        outcome := 'not_yet';
        retry_after := 0;
        RETURN;
    END IF;
    IF job.state = 'running' AND reclaim_job(p_job) = 'queued' THEN
        job.state := 'queued';
        job.run_after := clock_timestamp();
    END IF;
    IF job.state <> 'queued' THEN
        outcome := 'over';
        RETURN;
    END IF;
    IF job.run_after > clock_timestamp() THEN
        outcome := 'not_yet';
        retry_after := extract(epoch FROM job.run_after - clock_timestamp());
        RETURN;
    END IF;
    UPDATE namespace_leases SET fence = nextval('fences'), attempt_id = p_attempt, job_id = p_job, worker = p_worker,
        expires_at = clock_timestamp() + seconds(p_lease)
     WHERE namespace = wanted RETURNING fence INTO granted;
    UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = p_worker, fence = granted, attempt_id = p_attempt,
        started_at = coalesce(started_at, clock_timestamp())
     WHERE id = p_job;
    UPDATE stores SET fence = granted, job_id = p_job,
        provisioning_started_at = CASE WHEN job.kind <> 'delete' AND job.attempt = 0 THEN clock_timestamp() ELSE provisioning_started_at END
     WHERE id = job.store_id;
    outcome := 'claimed';
    taken_over := isfinite(lease.expires_at);
END $$;

-- NULL when the lease is lost, else whether a cancel was asked for.
CREATE FUNCTION renew_lease(p_namespace text, p_fence bigint, p_attempt text, p_job bigint, p_lease double precision)
RETURNS boolean LANGUAGE sql AS $$
    WITH held AS (
        UPDATE namespace_leases SET expires_at = clock_timestamp() + seconds(p_lease)
         WHERE namespace = p_namespace AND fence = p_fence AND attempt_id = p_attempt AND expires_at > clock_timestamp()
        RETURNING 1)
    SELECT j.cancel_requested_at IS NOT NULL FROM jobs j, held WHERE j.id = p_job
$$;

-- True, and the lease row locked until the transaction ends, while this attempt holds the namespace.
CREATE FUNCTION holds_lease(p_namespace text, p_fence bigint, p_attempt text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM namespace_leases
     WHERE namespace = p_namespace AND fence = p_fence AND attempt_id = p_attempt AND expires_at > clock_timestamp()
       FOR NO KEY UPDATE;
    RETURN FOUND;
END $$;

-- How long a failed attempt waits: exponential from 5 s to 5 min, with full jitter (AWS Architecture Blog, 2015).
CREATE FUNCTION retry_backoff(attempt integer) RETURNS interval LANGUAGE sql VOLATILE AS $$
    SELECT seconds(1 + random() * least(300, 5 * power(2, least(attempt, 10) - 1)))
$$;

-- p_outcome: ready | gone | failed | hand_back | relocate | cancelled
-- result: refused | final | queued (then the job is to be enqueued again)
CREATE FUNCTION settle_job(
    p_job bigint, p_namespace text, p_fence bigint, p_attempt text, p_outcome text,
    p_url text, p_version text, p_message text, p_permanent boolean, p_delay double precision, p_new_namespace text,
    OUT result text
) LANGUAGE plpgsql AS $$
DECLARE
    job jobs;
    serving text;
BEGIN
    IF NOT holds_lease(p_namespace, p_fence, p_attempt) THEN
        result := 'refused';
        RETURN;
    END IF;
    UPDATE namespace_leases SET expires_at = '-infinity', attempt_id = NULL, job_id = NULL, worker = NULL WHERE namespace = p_namespace;
    SELECT * INTO job FROM jobs WHERE id = p_job FOR UPDATE;
    serving := CASE job.kind WHEN 'delete' THEN 'deleting' ELSE 'provisioning' END;
    result := 'final';

    IF p_outcome = 'ready' THEN
        UPDATE stores SET status = 'ready', url = p_url, engine_version = p_version, error_message = NULL, failed_step = NULL,
            failed_step_error = NULL, ready_at = clock_timestamp(), first_ready_at = coalesce(first_ready_at, clock_timestamp()), job_id = p_job
         WHERE id = job.store_id AND status = serving;
        UPDATE jobs SET state = CASE WHEN FOUND THEN 'succeeded' ELSE 'cancelled' END, finished_at = clock_timestamp(), error = NULL WHERE id = p_job;
    ELSIF p_outcome = 'gone' THEN
        DELETE FROM store_snapshots WHERE store_id = job.store_id;
        UPDATE stores SET deleted_at = clock_timestamp(), error_message = NULL, job_id = p_job WHERE id = job.store_id AND status = serving;
        UPDATE jobs SET state = 'succeeded', finished_at = clock_timestamp(), error = NULL WHERE id = p_job;
    ELSIF p_outcome = 'cancelled' OR (job.cancel_requested_at IS NOT NULL AND job.kind <> 'delete') THEN
        UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp(), error = p_message WHERE id = p_job;
    ELSIF p_outcome = 'failed' AND (p_permanent OR (job.kind <> 'delete' AND job.attempt >= job.max_attempts)) THEN
        UPDATE stores SET status = 'failed', error_message = p_message, job_id = p_job WHERE id = job.store_id AND status = serving;
        UPDATE jobs SET state = 'failed', finished_at = clock_timestamp(), error = p_message WHERE id = p_job;
    ELSE
        result := 'queued';
        IF p_outcome = 'relocate' THEN
            UPDATE stores SET namespace = p_new_namespace WHERE id = job.store_id;
            UPDATE jobs SET namespace = p_new_namespace WHERE store_id = job.store_id AND state IN ('queued', 'running');
        ELSIF p_outcome = 'failed' THEN
            UPDATE stores SET error_message = p_message WHERE id = job.store_id AND status = 'deleting';
        END IF;
        UPDATE jobs SET state = 'queued', worker = NULL, error = p_message,
            attempt = CASE p_outcome WHEN 'failed' THEN attempt ELSE greatest(attempt - 1, 0) END,
            run_after = clock_timestamp() + CASE p_outcome WHEN 'failed' THEN retry_backoff(attempt) ELSE seconds(coalesce(p_delay, 0)) END
         WHERE id = p_job;
    END IF;
END $$;
