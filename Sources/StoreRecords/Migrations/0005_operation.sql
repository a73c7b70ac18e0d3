-- The operator's hand: pausing the queue, cancelling jobs, and the history that every job leaves.

-- Whether any job may be claimed. One row.
CREATE TABLE queue_control (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    paused_at timestamptz,
    paused_by text,
    reason    text,
    CHECK ((paused_at IS NULL) = (reason IS NULL) AND (paused_at IS NULL) = (paused_by IS NULL))
);
INSERT INTO queue_control DEFAULT VALUES;

ALTER TABLE jobs ADD COLUMN cancel_reason text;

-- Every change of a job's state, written by a trigger: nothing that changes a state can leave it out.
CREATE TABLE job_history (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id     bigint NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    from_state text,
    to_state   text NOT NULL,
    worker     text,
    fence      bigint,
    attempt    integer NOT NULL,
    reclaims   integer NOT NULL,
    error      text
);
CREATE INDEX job_history_of_job ON job_history (job_id, id);
CREATE INDEX jobs_failed ON jobs (finished_at DESC) WHERE state = 'failed';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE FUNCTION guard_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('queued', 'running') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'job % is % for good', OLD.id, OLD.state USING ERRCODE = 'SW005';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_guard BEFORE UPDATE OF state ON jobs FOR EACH ROW EXECUTE FUNCTION guard_job();

CREATE FUNCTION follow_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' OR NEW.state <> OLD.state THEN
        INSERT INTO job_history (job_id, from_state, to_state, worker, fence, attempt, reclaims, error)
        VALUES (NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.state END, NEW.state,
                CASE WHEN TG_OP = 'UPDATE' THEN coalesce(NEW.worker, OLD.worker) END, NEW.fence, NEW.attempt, NEW.reclaims, NEW.error);
    END IF;
    -- Hastens what the next renewal would tell: the worker that runs the job listens.
    IF TG_OP = 'UPDATE' AND NEW.state = 'running' AND OLD.cancel_requested_at IS NULL AND NEW.cancel_requested_at IS NOT NULL THEN
        PERFORM pg_notify('job_cancels', NEW.id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_follow AFTER INSERT OR UPDATE OF state, cancel_requested_at ON jobs FOR EACH ROW EXECUTE FUNCTION follow_job();

-- Found in the cluster or in the records without its counterpart. 'namespace': one of ours without a living store;
-- 'store': one that is ready, without its namespace.
CREATE TABLE orphans (
    kind       text NOT NULL CHECK (kind IN ('namespace', 'store')),
    name       text NOT NULL,
    detail     text NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, name)
);

-- A store whose job was called off ends as failed, for the person to retry or delete; a store that is to be deleted goes on being deleted.
CREATE FUNCTION cancel_store_job(job jobs) RETURNS void LANGUAGE sql AS $$
    UPDATE stores SET status = 'failed', error_message = coalesce(job.cancel_reason, 'The job was cancelled.'), job_id = job.id
     WHERE id = job.store_id AND deleted_at IS NULL
       AND status = CASE job.kind WHEN 'delete' THEN 'deleting' ELSE 'provisioning' END
$$;

-- What waits ends at once; what runs is asked to stop. outcome: cancelled | asked | over | not_found
CREATE FUNCTION cancel_job(p_job bigint, p_reason text, OUT outcome text, OUT job jobs) LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION reclaim_job(p_job bigint) RETURNS text LANGUAGE plpgsql AS $$
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

-- The jobs whose holder vanished, in whatever state that leaves them: queued again, cancelled, or given up.
CREATE OR REPLACE FUNCTION release_lapsed(p_limit integer) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
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
                    WHERE j.id = candidate.id AND j.state = 'running' AND NOT (l.job_id = j.id AND l.expires_at > clock_timestamp())) THEN
            PERFORM reclaim_job(candidate.id);
            RETURN NEXT candidate.id;
        END IF;
    END LOOP;
END $$;

DROP FUNCTION claim_job(bigint, text, text, double precision);

-- outcome: claimed | held | over | not_yet | capped | paused; retry_after in seconds for all but claimed and over.
-- p_provision_limit: how many provisions may run at once in the whole installation; PostgreSQL's count is the law, Redis's a hint.
CREATE FUNCTION claim_job(
    p_job bigint, p_worker text, p_attempt text, p_lease double precision, p_provision_limit integer,
    OUT outcome text, OUT retry_after double precision, OUT taken_over boolean, OUT job jobs, OUT store stores
) LANGUAGE plpgsql AS $$
DECLARE
    lease namespace_leases;
    wanted text;
BEGIN
    SELECT * INTO job FROM jobs WHERE id = p_job;
    IF NOT FOUND OR job.state NOT IN ('queued', 'running') THEN
        outcome := 'over';
        RETURN;
    END IF;
    IF EXISTS (SELECT 1 FROM queue_control WHERE paused_at IS NOT NULL) THEN
        outcome := 'paused';
        retry_after := 2;
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
    IF job.state = 'running' THEN
        PERFORM reclaim_job(p_job);
        SELECT * INTO job FROM jobs WHERE id = p_job;
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
    IF job.kind <> 'delete' THEN
        -- Two claims that count at once would both find room.
        PERFORM pg_advisory_xact_lock(hashtext('store-weaver:provision-limit'));
        IF (SELECT count(*) FROM jobs j WHERE j.state = 'running' AND j.kind <> 'delete') >= p_provision_limit THEN
            outcome := 'capped';
            retry_after := 1;
            RETURN;
        END IF;
    END IF;
    UPDATE namespace_leases SET fence = nextval('fences'), attempt_id = p_attempt, job_id = p_job, worker = p_worker,
        expires_at = clock_timestamp() + seconds(p_lease)
     WHERE namespace = wanted;
    UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = p_worker, attempt_id = p_attempt,
        fence = (SELECT l.fence FROM namespace_leases l WHERE l.namespace = wanted),
        started_at = coalesce(started_at, clock_timestamp())
     WHERE id = p_job RETURNING * INTO job;
    UPDATE stores SET fence = job.fence, job_id = p_job,
        provisioning_started_at = CASE WHEN job.kind <> 'delete' AND job.attempt = 1 THEN clock_timestamp() ELSE provisioning_started_at END
     WHERE id = job.store_id RETURNING * INTO store;
    outcome := 'claimed';
    taken_over := isfinite(lease.expires_at);
END $$;

-- Exactly as before, but that a job called off by an operator leaves its store failed, whatever its kind.
CREATE OR REPLACE FUNCTION settle_job(
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
    ELSIF p_outcome = 'cancelled' OR job.cancel_requested_at IS NOT NULL THEN
        PERFORM cancel_store_job(job);
        UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp(), error = coalesce(cancel_reason, p_message) WHERE id = p_job;
    ELSIF p_outcome = 'failed' AND (p_permanent OR (job.kind <> 'delete' AND job.attempt >= job.max_attempts)) THEN
        UPDATE stores SET status = 'failed', error_message = p_message, job_id = p_job WHERE id = job.store_id AND status = serving;
        UPDATE jobs SET state = 'failed', finished_at = clock_timestamp(), error = p_message WHERE id = p_job;
        result := 'buried';
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
