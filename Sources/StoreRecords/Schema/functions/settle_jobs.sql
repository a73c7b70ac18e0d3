-- The end of an attempt. Workers call settle_jobs; settle_job decides what cannot be decided for many at once.
-- The settings: see claim_jobs.sql.

-- Notes what became of a generation, and of those before it that it included. One that was kept is taken back, unless another change was
-- built on it: the store is to be again what it was applied last. The store counts as what it is from now on. Values that no attempt needs
-- are dropped.
-- Locks: the rows of store_specs, the store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION settle_generation(store stores, p_generation bigint, p_kept boolean) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    UPDATE store_specs g SET outcome = CASE WHEN p_kept THEN 'kept' ELSE 'applied' END
     WHERE g.store_id = store.id AND g.generation <= p_generation AND g.outcome IS NULL;
    UPDATE store_specs g SET values = NULL
     WHERE g.store_id = store.id AND g.values IS NOT NULL AND (g.generation < store.applied_generation OR p_kept AND g.generation = p_generation);
    IF store.generation <> p_generation THEN
        RETURN;
    END IF;
    IF NOT p_kept THEN
        UPDATE stores s SET weight = store_weight(s.plan, s.asleep) WHERE s.id = store.id AND s.weight <> store_weight(s.plan, s.asleep);
    ELSE
        UPDATE stores s SET (name, plan, version, asleep, database_mib, uploads_mib, storage_class, host, admin_revision, own_hosts, primary_host, weight) = (
            SELECT g.name, g.plan, g.version, g.asleep, g.database_mib, g.uploads_mib, g.storage_class, g.host, g.admin_revision,
                   g.own_hosts, g.primary_host, store_weight(g.plan, g.asleep)
              FROM store_specs g WHERE g.store_id = s.id AND g.generation = s.applied_generation)
         WHERE s.id = store.id AND EXISTS (SELECT 1 FROM store_specs g WHERE g.store_id = s.id AND g.generation = s.applied_generation);
    END IF;
END $$;

-- Whether a job is an upgrade that goes back to its backup, or has it back.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION returns_to_backup(job jobs) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT job.kind IN ('apply', 'retry') AND job.phase IN ('going-back', 'reopening') AND job.backup_id IS NOT NULL
$$;

-- The version that an upgrade tried is not asked for by a later generation either, which was built on it, as by a domain that came meanwhile;
-- nor are the values that were made of it for one.
-- Locks: the rows of store_specs, the store.
-- Returns: that version; NULL where it is the one that was applied last.
CREATE OR REPLACE FUNCTION take_back_version(job jobs) RETURNS text LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    tried text;
    old text;
BEGIN
    SELECT g.version INTO tried FROM store_specs g WHERE g.store_id = job.store_id AND g.generation = job.generation;
    SELECT g.version INTO old FROM stores s JOIN store_specs g ON g.store_id = s.id AND g.generation = s.applied_generation WHERE s.id = job.store_id;
    UPDATE store_specs g SET version = old, values = NULL WHERE g.store_id = job.store_id AND g.generation > job.generation AND g.version = tried;
    UPDATE stores s SET version = old WHERE s.id = job.store_id AND s.generation > job.generation AND s.version = tried;
    RETURN nullif(tried, old);
END $$;

-- An upgrade that was to go back to its backup did not: what is still to come is to make of the store what it was.
-- Locks: the rows of store_specs, the store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION give_up_upgrade(job jobs) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF returns_to_backup(job) THEN
        PERFORM take_back_version(job);
        PERFORM settle_generation(s, job.generation, true) FROM stores s WHERE s.id = job.store_id;
    END IF;
END $$;

-- A version of its chart did not prove itself in a store, for a reason that lies in the version. p_version NULL: the change was of something
-- else.
-- Locks: the store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION block_version(p_store text, p_version text, p_code text) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE stores s SET blocked_versions = array_append(s.blocked_versions, p_version)
     WHERE s.id = p_store AND p_version IS NOT NULL AND p_version <> ALL (s.blocked_versions)
       AND p_code NOT IN ('unschedulable', 'quota', 'image-pull', 'registry-limit', 'node-lost', 'volume-not-bound', 'volume-not-mounted',
                          'evicted', 'ingress-unserved', 'certificate', 'helm-forbidden', 'cluster', 'chart-missing', 'not-counted')
$$;

-- Writes an attempt's outcome under its fence and releases the namespace. p_outcome: ready, done (a backup's: the store stays as it is),
-- gone, failed, hand_back, relocate (to p_new_namespace) or cancelled. p_permanent: a failure that no further attempt can change. p_delay:
-- seconds until a job that is queued again may run, unless it failed. p_change_error: with ready, the code of a change that was not made,
-- which p_message tells.
-- Locks: the namespace's lease, the job, the store.
-- Returns: refused (the lease is lost; nothing was written), final, deadLettered (the job failed for good) or queued (it is to be enqueued
-- again).
CREATE OR REPLACE FUNCTION settle_job(
    p_job bigint, p_namespace text, p_fence bigint, p_attempt text, p_outcome text,
    p_url text, p_version text, p_message text, p_permanent boolean, p_delay double precision, p_new_namespace text,
    p_change_error text DEFAULT NULL, OUT result text
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    job jobs;
    serving text[];
    store stores;
    new_host text;
BEGIN
    IF NOT holds_lease(p_namespace, p_fence, p_attempt) THEN
        result := 'refused';
        RETURN;
    END IF;
    UPDATE namespace_leases SET expires_at = '-infinity', attempt_id = NULL, job_id = NULL, worker = NULL WHERE namespace = p_namespace;
    SELECT * INTO job FROM jobs WHERE id = p_job FOR UPDATE;
    serving := status_under(job.kind);
    result := 'final';

    IF job.kind = 'backup' AND p_outcome IN ('ready', 'done') THEN
        PERFORM end_backing_up(job);
        UPDATE jobs SET state = 'succeeded', finished_at = clock_timestamp(), error = NULL WHERE id = p_job;
    ELSIF p_outcome = 'ready' THEN
        UPDATE stores s SET status = 'ready', url = p_url, engine_version = coalesce(p_version, s.engine_version),
            error_message = NULL, failed_step = NULL, failed_step_error = NULL, job_id = p_job, closed = false,
            ready_at = CASE s.status WHEN 'ready' THEN s.ready_at ELSE clock_timestamp() END,
            first_ready_at = coalesce(s.first_ready_at, clock_timestamp()),
            -- One that was taken back is not applied, whatever makes the store ready again.
            applied_generation = CASE WHEN p_change_error IS NULL AND NOT EXISTS (
                SELECT 1 FROM store_specs g WHERE g.store_id = s.id AND g.generation = job.generation AND g.outcome = 'kept')
                THEN job.generation ELSE s.applied_generation END,
            activity = CASE WHEN s.generation > job.generation THEN s.activity ELSE resting_activity(s.id, p_job) END,
            change_error_code = p_change_error, change_error = CASE WHEN p_change_error IS NOT NULL THEN p_message END,
            change_error_at = CASE WHEN p_change_error IS NOT NULL THEN clock_timestamp() END
         WHERE s.id = job.store_id AND s.status = ANY (serving) RETURNING s.* INTO store;
        IF NOT FOUND THEN
            UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp(), error = NULL WHERE id = p_job;
            RETURN;
        END IF;
        -- A restore that was not made says nothing of the generation.
        IF job.kind <> 'restore' OR p_change_error IS NULL THEN
            PERFORM settle_generation(store, job.generation, p_change_error IS NOT NULL);
        END IF;
        IF job.kind IN ('apply', 'retry') AND job.phase IN ('going-back', 'reopening') THEN
            PERFORM block_version(store.id, take_back_version(job), p_change_error);
        END IF;
        IF store.generation = job.generation THEN
            UPDATE jobs SET state = 'succeeded', finished_at = clock_timestamp(), error = NULL WHERE id = p_job;
        ELSE
            -- Another change was asked for meanwhile: the same job makes it.
            result := 'queued';
            UPDATE jobs SET state = 'queued', worker = NULL, error = NULL, attempt = 0, run_after = clock_timestamp(), takes_over = false, reclaims = 0,
                kind = 'apply', backup_id = NULL, phase = NULL
             WHERE id = p_job;
        END IF;
    ELSIF p_outcome = 'gone' THEN
        DELETE FROM store_snapshots WHERE store_id = job.store_id;
        UPDATE stores s SET deleted_at = clock_timestamp(), error_message = NULL, job_id = p_job,
            kept_until = CASE WHEN job.keep_days > 0 AND EXISTS (SELECT 1 FROM backups b WHERE b.store_id = s.id AND b.status = 'done')
                THEN clock_timestamp() + job.keep_days * interval '1 day' END
         WHERE s.id = job.store_id AND s.status = ANY (serving);
        UPDATE jobs SET state = 'succeeded', finished_at = clock_timestamp(), error = NULL WHERE id = p_job;
    ELSIF p_outcome = 'cancelled' OR job.cancel_requested_at IS NOT NULL THEN
        PERFORM cancel_store_job(job);
        UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp(), error = coalesce(cancel_reason, p_message) WHERE id = p_job;
    ELSIF p_outcome = 'failed' AND (p_permanent OR (job.kind <> 'delete' AND job.attempt >= job.max_attempts)) THEN
        -- A change that could not be tried to its end is told; one that leaves the store without service is its failure.
        IF job.kind = 'backup' OR NOT p_permanent OR (job.kind = 'restore' AND job.phase IS NULL) THEN
            PERFORM end_store_job(job, 'not-applied', p_message);
        ELSE
            PERFORM give_up_upgrade(job);
            UPDATE stores SET status = 'failed', error_message = p_message, job_id = p_job WHERE id = job.store_id AND status = ANY (serving);
        END IF;
        UPDATE jobs SET state = 'failed', finished_at = clock_timestamp(), error = p_message WHERE id = p_job;
        result := 'deadLettered';
    ELSE
        result := 'queued';
        IF p_outcome = 'relocate' THEN
            -- Its address follows its namespace.
            UPDATE stores SET namespace = p_new_namespace, host = CASE WHEN NOT verification THEN host_of(p_new_namespace) END
             WHERE id = job.store_id RETURNING host INTO new_host;
            UPDATE store_specs SET values = NULL, host = new_host WHERE store_id = job.store_id AND outcome IS NULL;
            UPDATE jobs SET namespace = p_new_namespace WHERE store_id = job.store_id AND state IN ('queued', 'running');
        ELSIF p_outcome = 'failed' THEN
            UPDATE stores SET error_message = p_message WHERE id = job.store_id AND status = 'deleting';
        END IF;
        -- While it goes back, error says why.
        UPDATE jobs SET state = 'queued', worker = NULL, error = CASE WHEN phase IN ('going-back', 'reopening') THEN error ELSE p_message END,
            attempt = CASE p_outcome WHEN 'failed' THEN attempt ELSE greatest(attempt - 1, 0) END,
            run_after = clock_timestamp() + CASE p_outcome WHEN 'failed' THEN retry_backoff(attempt) ELSE seconds(coalesce(p_delay, 0)) END
         WHERE id = p_job;
    END IF;
END $$;

-- As settle_job, for many; '' stands for NULL. Attempts whose store is ready as it was wanted are settled together, the others one by one.
-- See claim_jobs.
-- Locks: all leases, then all jobs, then all stores of the call, each table by ascending key.
-- Returns: settle_job's result for each, in any order, and of those that are queued again the kind and class that they have now; `place` is
-- its place in p_jobs, from 1.
CREATE OR REPLACE FUNCTION settle_jobs(
    p_jobs bigint[], p_namespaces text[], p_fences bigint[], p_attempts text[], p_outcomes text[], p_urls text[], p_versions text[],
    p_messages text[], p_permanent boolean[], p_delays double precision[], p_new_namespaces text[],
    p_change_errors text[] DEFAULT '{}'
) RETURNS TABLE (place integer, result text, kind text, class integer) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    namespaces text[];
    -- Side by side, of what is settled together: place, job, store; and the stores that become ready by it.
    plain integer[] := '{}';
    ids bigint[];
    owners text[];
    places integer[];
    ready text[];
BEGIN
    IF cardinality(p_jobs) > 1 THEN
        PERFORM 1 FROM namespace_leases l WHERE l.namespace = ANY (p_namespaces) ORDER BY l.namespace || '' FOR NO KEY UPDATE;
        SELECT coalesce(array_agg(n), '{}') INTO plain
          FROM (SELECT l.*, array_position(p_namespaces, l.namespace) AS n FROM namespace_leases l WHERE l.namespace = ANY (p_namespaces)) l
         WHERE p_outcomes[n] = 'ready' AND coalesce(p_change_errors[n], '') = ''
           AND l.fence = p_fences[n] AND l.attempt_id = p_attempts[n] AND l.expires_at > clock_timestamp();
    END IF;

    IF cardinality(plain) > 0 THEN
        SELECT array_agg(p_jobs[n]) INTO ids FROM unnest(plain) n;
        PERFORM 1 FROM jobs j WHERE j.id = ANY (ids) ORDER BY j.id + 0 FOR UPDATE;
        SELECT array_agg(j.store_id) INTO owners FROM jobs j WHERE j.id = ANY (ids);
        PERFORM 1 FROM stores s WHERE s.id = ANY (owners) ORDER BY s.id || '' FOR NO KEY UPDATE;
        -- Stores that become ready in the generation that is wanted.
        SELECT array_agg(j.id), array_agg(j.store_id), coalesce(array_agg(array_position(p_jobs, j.id)), '{}') INTO ids, owners, places
          FROM jobs j WHERE j.id = ANY (ids) AND j.kind IN ('provision', 'retry')
           AND j.generation = (SELECT s.generation FROM stores s WHERE s.id = j.store_id)
           AND (SELECT g.outcome IS DISTINCT FROM 'kept' FROM store_specs g WHERE g.store_id = j.store_id AND g.generation = j.generation);
        plain := places;
    END IF;

    IF cardinality(plain) > 0 THEN
        SELECT array_agg(p_namespaces[n]) INTO namespaces FROM unnest(plain) n;
        UPDATE namespace_leases l SET expires_at = '-infinity', attempt_id = NULL, job_id = NULL, worker = NULL WHERE l.namespace = ANY (namespaces);
        WITH served AS (
            UPDATE stores s SET status = 'ready', url = nullif(p_urls[places[array_position(owners, s.id)]], ''),
                engine_version = nullif(p_versions[places[array_position(owners, s.id)]], ''), error_message = NULL,
                failed_step = NULL, failed_step_error = NULL, ready_at = clock_timestamp(), applied_generation = s.generation,
                weight = store_weight(s.plan, s.asleep), activity = resting_activity(s.id, 0),
                first_ready_at = coalesce(s.first_ready_at, clock_timestamp()), job_id = p_jobs[places[array_position(owners, s.id)]]
             WHERE s.id = ANY (owners) AND s.status = 'provisioning' RETURNING s.id)
        SELECT array_agg(served.id) INTO ready FROM served;
        UPDATE store_specs g SET outcome = 'applied' WHERE g.store_id = ANY (ready) AND g.outcome IS NULL;
        RETURN QUERY
        UPDATE jobs j SET state = CASE WHEN j.store_id = ANY (ready) THEN 'succeeded' ELSE 'cancelled' END, finished_at = clock_timestamp(), error = NULL
         WHERE j.id = ANY (ids) RETURNING array_position(p_jobs, j.id), 'final', NULL, NULL::integer;
    END IF;

    FOR place IN SELECT n FROM generate_subscripts(p_jobs, 1) n WHERE n <> ALL (plain) LOOP
        result := settle_job(
            p_jobs[place], p_namespaces[place], p_fences[place], p_attempts[place], p_outcomes[place], nullif(p_urls[place], ''),
            nullif(p_versions[place], ''), nullif(p_messages[place], ''), p_permanent[place], p_delays[place], nullif(p_new_namespaces[place], ''),
            nullif(p_change_errors[place], ''));
        SELECT j.kind, j.class INTO kind, class FROM jobs j WHERE result = 'queued' AND j.id = p_jobs[place];
        RETURN NEXT;
    END LOOP;
END $$;
