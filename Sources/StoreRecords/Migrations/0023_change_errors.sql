-- A store that serves goes on serving when a change of it cannot be made; what was not made is told beside it. A claim may be repeated.

ALTER TABLE stores
    -- Why the last change was not made: a word for programs, such as 'helm-conflict', and a text for people.
    ADD COLUMN change_error_code text,
    ADD COLUMN change_error      text,
    ADD COLUMN change_error_at   timestamptz,
    ADD CHECK ((change_error_code IS NULL) = (change_error IS NULL) AND (change_error IS NULL) = (change_error_at IS NULL));

-- Whether the job's Helm sets fields that another manager has set.
ALTER TABLE jobs ADD COLUMN takes_over boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION guard_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.fence < OLD.fence THEN
        RAISE EXCEPTION 'stale fence % for store % (now %)', NEW.fence, OLD.id, OLD.fence USING ERRCODE = 'SW001';
    END IF;
    IF OLD.deleted_at IS NOT NULL THEN
        RAISE EXCEPTION 'store % is deleted', OLD.id USING ERRCODE = 'SW002';
    END IF;
    IF NOT store_status_may_become(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'store % may not go from % to %', OLD.id, OLD.status, NEW.status USING ERRCODE = 'SW003';
    END IF;
    NEW.changed := pg_current_xact_id();
    IF NEW.observed_at IS NOT DISTINCT FROM OLD.observed_at THEN
        NEW.updated_at := clock_timestamp();
    END IF;
    IF NEW.status <> 'ready' THEN
        NEW.health := NULL;
        NEW.health_cause := NULL;
        NEW.drift := NULL;
        NEW.change_error_code := NULL;
        NEW.change_error := NULL;
        NEW.change_error_at := NULL;
    ELSIF OLD.status <> 'ready' THEN
        -- The attempt that made it ready has just seen it sell.
        NEW.health := 'healthy';
        NEW.health_cause := NULL;
        NEW.drift := NULL;
    END IF;
    IF NEW.health IS DISTINCT FROM OLD.health THEN
        NEW.health_since := CASE WHEN NEW.health IS NOT NULL THEN clock_timestamp() END;
    END IF;
    IF NEW.status NOT IN ('failed', OLD.status) THEN
        NEW.failure_cause := NULL;
    END IF;
    RETURN NEW;
END $$;

DROP FUNCTION retry_store(text, text, text);

-- For a store that failed; and for one that is ready, where something was taken from it or its last change was not made.
-- p_take_over: Helm is to set fields that another manager has set.
-- outcome: accepted | not_failed | not_found
CREATE FUNCTION retry_store(
    p_id text, p_visible_to text, p_traceparent text, p_take_over boolean DEFAULT false,
    OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT store stores
) LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    deletes boolean;
BEGIN
    SELECT * INTO store FROM stores s
     WHERE s.id = p_id AND s.deleted_at IS NULL AND (p_visible_to IS NULL OR s.owner = p_visible_to) FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF store.status = 'ready' AND (store.drift IS NOT NULL OR store.change_error IS NOT NULL) THEN
        UPDATE stores s SET status = 'failed', error_message = coalesce(store.change_error, store.health_cause) WHERE s.id = p_id
        RETURNING s.* INTO store;
        deletes := false;
    ELSIF store.status <> 'failed' THEN
        outcome := 'not_failed';
        RETURN;
    ELSE
        SELECT j.kind = 'delete' INTO deletes FROM jobs j WHERE j.store_id = p_id ORDER BY j.id DESC LIMIT 1;
        deletes := coalesce(deletes, false);
    END IF;
    accepted_kind := CASE WHEN deletes THEN 'delete' ELSE 'retry' END;
    INSERT INTO jobs (store_id, kind, namespace, owner, traceparent, takes_over)
    VALUES (p_id, accepted_kind, store.namespace, store.owner, p_traceparent, p_take_over AND NOT deletes) RETURNING id INTO accepted_job;
    UPDATE stores s SET
        status = CASE WHEN deletes THEN 'deleting' ELSE 'provisioning' END,
        error_message = NULL, failed_step = NULL, failed_step_error = NULL, job_id = accepted_job,
        namespace_created_at = CASE WHEN deletes THEN s.namespace_created_at END,
        secrets_generated_at = CASE WHEN deletes THEN s.secrets_generated_at END,
        database_ready_at = CASE WHEN deletes THEN s.database_ready_at END,
        app_deployed_at = CASE WHEN deletes THEN s.app_deployed_at END,
        ingress_ready_at = CASE WHEN deletes THEN s.ingress_ready_at END
     WHERE s.id = p_id RETURNING s.* INTO store;
    outcome := 'accepted';
END $$;

-- outcome: claimed | held | over | not_yet | capped | paused; retry_after in seconds for all but claimed and over.
-- p_provision_limit: how many provisions may run at once in the whole installation; PostgreSQL's count is the law, Redis's a hint.
-- p_attempt: whoever did not hear the answer asks again with the same, and gets the same claim, its lease counted anew.
CREATE OR REPLACE FUNCTION claim_job(
    p_job bigint, p_worker text, p_attempt text, p_lease double precision, p_provision_limit integer,
    OUT outcome text, OUT retry_after double precision, OUT taken_over boolean, OUT job jobs, OUT store stores
) LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
DECLARE
    lease namespace_leases;
    wanted text;
BEGIN
    SELECT * INTO job FROM jobs WHERE id = p_job;
    IF NOT FOUND OR job.state NOT IN ('queued', 'running') THEN
        outcome := 'over';
        RETURN;
    END IF;
    IF job.attempt_id IS DISTINCT FROM p_attempt AND EXISTS (SELECT 1 FROM queue_control WHERE paused_at IS NOT NULL) THEN
        outcome := 'paused';
        retry_after := 2;
        RETURN;
    END IF;
    wanted := job.namespace;
    INSERT INTO namespace_leases (namespace) VALUES (wanted) ON CONFLICT DO NOTHING;
    SELECT * INTO lease FROM namespace_leases WHERE namespace = wanted FOR UPDATE;
    -- clock_timestamp(), not now(): time went by while waiting for the row.
    IF lease.expires_at > clock_timestamp() AND lease.job_id = p_job AND lease.attempt_id = p_attempt AND lease.worker = p_worker THEN
        UPDATE namespace_leases SET expires_at = clock_timestamp() + seconds(p_lease) WHERE namespace = wanted;
        SELECT * INTO job FROM jobs WHERE id = p_job;
        SELECT * INTO store FROM stores WHERE id = job.store_id;
        outcome := 'claimed';
        -- Who held it before is not known any more; to wait for one who is not there does no harm.
        taken_over := true;
        RETURN;
    END IF;
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

DROP FUNCTION settle_job(bigint, text, bigint, text, text, text, text, text, boolean, double precision, text);

-- p_outcome: ready | gone | failed | hand_back | relocate | cancelled
-- p_change_error: with ready, the code of a change that was not made, which p_message tells.
-- result: refused | final | buried | queued (then the job is to be enqueued again)
CREATE FUNCTION settle_job(
    p_job bigint, p_namespace text, p_fence bigint, p_attempt text, p_outcome text,
    p_url text, p_version text, p_message text, p_permanent boolean, p_delay double precision, p_new_namespace text,
    p_change_error text DEFAULT NULL, OUT result text
) LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
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
            failed_step_error = NULL, ready_at = clock_timestamp(), first_ready_at = coalesce(first_ready_at, clock_timestamp()), job_id = p_job,
            change_error_code = p_change_error, change_error = CASE WHEN p_change_error IS NOT NULL THEN p_message END,
            change_error_at = CASE WHEN p_change_error IS NOT NULL THEN clock_timestamp() END
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

DROP FUNCTION settle_jobs(bigint[], text[], bigint[], text[], text[], text[], text[], text[], boolean[], double precision[], text[]);

-- As settle_job, for many; '' stands for NULL. Those that are ready as they were wanted are settled together, the others one by one.
CREATE FUNCTION settle_jobs(
    p_jobs bigint[], p_namespaces text[], p_fences bigint[], p_attempts text[], p_outcomes text[], p_urls text[], p_versions text[],
    p_messages text[], p_permanent boolean[], p_delays double precision[], p_new_namespaces text[], p_change_errors text[] DEFAULT '{}'
) RETURNS TABLE (place integer, result text) LANGUAGE plpgsql SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    namespaces text[];
    -- What is settled together: places, jobs and their stores, and those of them that are ready by it.
    plain integer[] := '{}';
    ids bigint[];
    owners text[];
    kinds text[];
    places integer[];
    ready text[];
BEGIN
    IF cardinality(p_jobs) > 1 THEN
        PERFORM 1 FROM namespace_leases l WHERE l.namespace = ANY (p_namespaces) ORDER BY l.namespace || '' FOR NO KEY UPDATE;
        SELECT coalesce(array_agg(n), '{}'), array_agg(l.namespace) INTO plain, namespaces
          FROM (SELECT l.*, array_position(p_namespaces, l.namespace) AS n FROM namespace_leases l WHERE l.namespace = ANY (p_namespaces)) l
         WHERE p_outcomes[n] = 'ready' AND coalesce(p_change_errors[n], '') = ''
           AND l.fence = p_fences[n] AND l.attempt_id = p_attempts[n] AND l.expires_at > clock_timestamp();
    END IF;

    IF cardinality(plain) > 0 THEN
        UPDATE namespace_leases l SET expires_at = '-infinity', attempt_id = NULL, job_id = NULL, worker = NULL WHERE l.namespace = ANY (namespaces);
        SELECT array_agg(p_jobs[n]) INTO ids FROM unnest(plain) n;
        PERFORM 1 FROM jobs j WHERE j.id = ANY (ids) ORDER BY j.id + 0 FOR UPDATE;
        SELECT array_agg(j.store_id), array_agg(j.kind), array_agg(array_position(p_jobs, j.id)) INTO owners, kinds, places
          FROM jobs j WHERE j.id = ANY (ids);
        PERFORM 1 FROM stores s WHERE s.id = ANY (owners) ORDER BY s.id || '' FOR NO KEY UPDATE;
        WITH served AS (
            UPDATE stores s SET status = 'ready', url = nullif(p_urls[places[array_position(owners, s.id)]], ''),
                engine_version = nullif(p_versions[places[array_position(owners, s.id)]], ''), error_message = NULL,
                failed_step = NULL, failed_step_error = NULL, ready_at = clock_timestamp(),
                first_ready_at = coalesce(s.first_ready_at, clock_timestamp()), job_id = p_jobs[places[array_position(owners, s.id)]]
             WHERE s.id = ANY (owners)
               AND s.status = CASE kinds[array_position(owners, s.id)] WHEN 'delete' THEN 'deleting' ELSE 'provisioning' END
            RETURNING s.id)
        SELECT array_agg(served.id) INTO ready FROM served;
        RETURN QUERY
        UPDATE jobs j SET state = CASE WHEN j.store_id = ANY (ready) THEN 'succeeded' ELSE 'cancelled' END, finished_at = clock_timestamp(), error = NULL
         WHERE j.id = ANY (ids) RETURNING array_position(p_jobs, j.id), 'final';
    END IF;

    FOR place IN SELECT n FROM generate_subscripts(p_jobs, 1) n WHERE n <> ALL (plain) LOOP
        result := settle_job(
            p_jobs[place], p_namespaces[place], p_fences[place], p_attempts[place], p_outcomes[place], nullif(p_urls[place], ''),
            nullif(p_versions[place], ''), nullif(p_messages[place], ''), p_permanent[place], p_delays[place], nullif(p_new_namespaces[place], ''),
            nullif(p_change_errors[place], ''));
        RETURN NEXT;
    END LOOP;
END $$;
