-- The start of an attempt. Workers call claim_jobs; claim_job decides what cannot be decided for many at once.
--
-- The settings are those of every function that runs for each job or store. Rows are found by key, whatever the statistics say: a session
-- keeps the plans of its functions, and a plan that was made while a table was empty reads all of it until the next ANALYZE, which may
-- be thousands of stores later. jit is off, since the price that enable_seqscan = off puts on a scan would start the compiler.

-- Whether a new store is to be filled with a backup that is not done yet, though somebody is at it.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION waits_for_backup(p_store text) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT EXISTS (SELECT 1 FROM stores s JOIN backups b ON b.id = s.restored_from JOIN jobs j ON j.id = b.job_id
                    WHERE s.id = p_store AND s.first_ready_at IS NULL AND b.status <> 'done' AND j.state IN ('queued', 'running'))
$$;

-- Whether a job has begun with a store's data what another generation is not to begin again: that would load a backup over what was sold
-- since.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION is_at_data(job jobs) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT job.phase IN ('upgrading', 'restoring', 'opening', 'reopening') OR job.phase = 'going-back' AND job.backup_id IS NOT NULL
$$;

-- Gives a job to an attempt, with its namespace's lease for p_lease seconds and a new fence. PostgreSQL's count of running jobs is the law
-- for p_provision_limit (of class 1) and p_background_limit (of class 2), which are the whole installation's; Redis's is a hint. A worker
-- that did not get the answer asks again with the same p_attempt and gets the same claim, its lease counted anew. Whoever takes over a
-- lapsed lease of another job of the namespace reclaims that job first, so that no two attempts are open there at once.
-- Locks: the namespace's lease, the job and the one whose lease lapsed, the store; unless the job deletes, the counts of running jobs (an
-- advisory lock).
-- Returns: outcome claimed, held (another attempt has the namespace), over (the job has ended), not_yet, capped or paused; retry_after in
-- seconds for all but claimed and over; for claimed the job, the store, and taken_over: the last holder was lost.
CREATE OR REPLACE FUNCTION claim_job(
    p_job bigint, p_worker text, p_attempt text, p_lease double precision, p_provision_limit integer, p_background_limit integer,
    OUT outcome text, OUT retry_after double precision, OUT taken_over boolean, OUT job jobs, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    lease namespace_leases;
    wanted text;
    wanted_generation bigint;
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
    PERFORM 1 FROM jobs j WHERE j.id IN (p_job, lease.job_id) ORDER BY j.id FOR UPDATE;
    IF lease.job_id <> p_job AND EXISTS (SELECT 1 FROM jobs j WHERE j.id = lease.job_id AND j.fence = lease.fence) THEN
        PERFORM reclaim_job(lease.job_id);
    END IF;
    SELECT * INTO job FROM jobs WHERE id = p_job;
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
    IF job.kind IN ('provision', 'retry') AND waits_for_backup(job.store_id) THEN
        outcome := 'not_yet';
        retry_after := 5;
        RETURN;
    END IF;
    IF job.class <> 0 THEN
        -- Two claims that count at once would both find room.
        PERFORM pg_advisory_xact_lock(hashtext('store-weaver:provision-limit'));
        IF (SELECT count(*) FROM jobs j WHERE j.state = 'running' AND j.class = job.class)
            >= (CASE job.class WHEN 1 THEN p_provision_limit ELSE p_background_limit END) THEN
            outcome := 'capped';
            retry_after := 1;
            RETURN;
        END IF;
    END IF;
    UPDATE namespace_leases SET fence = nextval('fences'), attempt_id = p_attempt, job_id = p_job, worker = p_worker,
        expires_at = clock_timestamp() + seconds(p_lease)
     WHERE namespace = wanted;
    SELECT s.generation INTO wanted_generation FROM stores s WHERE s.id = job.store_id FOR NO KEY UPDATE;
    UPDATE jobs j SET state = 'running', attempt = attempt + 1, worker = p_worker, attempt_id = p_attempt,
        fence = (SELECT l.fence FROM namespace_leases l WHERE l.namespace = wanted),
        -- Such a job comes to its end before anything newer.
        generation = CASE WHEN is_at_data(j) THEN generation ELSE wanted_generation END,
        -- A store that an upgrade closed is closed for the newer generation, too.
        phase = CASE WHEN is_at_data(j) OR phase = 'closing' OR generation = wanted_generation THEN phase END,
        started_at = coalesce(started_at, clock_timestamp())
     WHERE id = p_job RETURNING * INTO job;
    UPDATE stores SET fence = job.fence, job_id = p_job,
        provisioning_started_at = CASE WHEN status = 'provisioning' AND job.kind <> 'backup' AND job.attempt = 1 THEN clock_timestamp()
            ELSE provisioning_started_at END
     WHERE id = job.store_id RETURNING * INTO store;
    outcome := 'claimed';
    taken_over := isfinite(lease.expires_at);
END $$;

-- As claim_job, for many. Jobs that nothing stands in the way of are claimed with one statement for each table, so that what a statement
-- costs before its first row is paid once; claim_job gets the others one by one. The nth job's attempt is p_attempts[n]. Each statement
-- names one table and its keys as an array: there is no join whose order could depend on statistics. `+ 0` and `|| ''` keep PostgreSQL from
-- reading an index that has the order or the state instead of finding rows by their keys. The plan is generic, since PostgreSQL takes an
-- array parameter for ten elements and would plan anew for each call with fewer.
-- Locks: all leases, then all jobs, then all stores of the call, each table by ascending key; the counts as claim_job does. Programs of
-- before there were classes give no p_background_limit.
-- Returns: claim_job's columns for each job, in any order; `place` is its place in p_jobs, from 1.
CREATE OR REPLACE FUNCTION claim_jobs(
    p_jobs bigint[], p_attempts text[], p_worker text, p_lease double precision, p_provision_limit integer, p_background_limit integer DEFAULT 3
) RETURNS TABLE (place integer, outcome text, retry_after double precision, taken_over boolean, job jobs, store stores) LANGUAGE plpgsql ROWS 1
SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    wanted bigint[];
    names text[];
    unheld text[];
    lapsed bigint[];
    interactive integer;
    background integer;
    -- Side by side, of the jobs that are claimed together: number, namespace, attempt; then what they got.
    ids bigint[] := '{}';
    namespaces text[];
    attempts text[];
    fences bigint[];
    owners text[];
    claimed bigint[];
    granted bigint[];
    begins boolean[];
    one record;
BEGIN
    IF cardinality(p_jobs) > 1 AND NOT EXISTS (SELECT 1 FROM queue_control WHERE paused_at IS NOT NULL) THEN
        -- Running jobs, too, and those whose leases lapsed: claim_job looks at them below, and their locks are to be taken in the order of
        -- all.
        SELECT array_agg(j.id), array_agg(j.namespace) INTO wanted, names
          FROM jobs j WHERE j.id = ANY (p_jobs) AND j.state || '' IN ('queued', 'running');
        INSERT INTO namespace_leases (namespace) SELECT DISTINCT name FROM unnest(names) name ORDER BY name ON CONFLICT DO NOTHING;
        PERFORM 1 FROM namespace_leases l WHERE l.namespace = ANY (names) ORDER BY l.namespace || '' FOR UPDATE;
        SELECT array_agg(l.job_id) INTO lapsed FROM namespace_leases l WHERE l.namespace = ANY (names) AND l.job_id <> ALL (wanted) AND l.expires_at <= clock_timestamp();
        PERFORM 1 FROM jobs j WHERE j.id = ANY (wanted || lapsed) ORDER BY j.id + 0 FOR UPDATE;
        -- Read again under the locks. Of two jobs in one namespace the first is claimed.
        SELECT array_agg(l.namespace) INTO unheld FROM namespace_leases l WHERE l.namespace = ANY (names) AND l.expires_at = '-infinity';
        SELECT coalesce(array_agg(j.id), '{}'), array_agg(j.namespace), array_agg(p_attempts[array_position(p_jobs, j.id)]),
               count(*) FILTER (WHERE j.class = 1), count(*) FILTER (WHERE j.class = 2)
          INTO ids, namespaces, attempts, interactive, background
          FROM (SELECT DISTINCT ON (j.namespace) j.* FROM jobs j
                 WHERE j.id = ANY (wanted) AND j.state || '' = 'queued' AND j.run_after <= clock_timestamp() AND j.namespace = ANY (unheld)
                   AND j.namespace = names[array_position(wanted, j.id)]
                   -- One that may wait for its backup is left to claim_job.
                   AND (SELECT s.restored_from IS NULL OR s.first_ready_at IS NOT NULL FROM stores s WHERE s.id = j.store_id)
                 ORDER BY j.namespace, j.id) j;
        IF interactive + background > 0 THEN
            -- Two claims that count at once would both find room. When there is not enough for all, claim_job decides.
            PERFORM pg_advisory_xact_lock(hashtext('store-weaver:provision-limit'));
            IF (SELECT (interactive > 0 AND count(*) FILTER (WHERE j.class = 1) + interactive > p_provision_limit)
                    OR (background > 0 AND count(*) FILTER (WHERE j.class = 2) + background > p_background_limit)
                  FROM jobs j WHERE j.state = 'running') THEN
                ids := '{}';
            END IF;
        END IF;
    END IF;

    IF cardinality(ids) > 0 THEN
        WITH held AS (
            UPDATE namespace_leases l SET fence = nextval('fences'), attempt_id = attempts[array_position(namespaces, l.namespace)],
                job_id = ids[array_position(namespaces, l.namespace)], worker = p_worker, expires_at = clock_timestamp() + seconds(p_lease)
             WHERE l.namespace = ANY (namespaces) RETURNING l.namespace, l.fence)
        SELECT array_agg(held.fence ORDER BY array_position(namespaces, held.namespace)) INTO fences FROM held;
        -- Before the generation is read: nobody changes it meanwhile.
        SELECT array_agg(j.store_id) INTO owners FROM jobs j WHERE j.id = ANY (ids);
        PERFORM 1 FROM stores s WHERE s.id = ANY (owners) ORDER BY s.id || '' FOR NO KEY UPDATE;
        WITH running AS (
            UPDATE jobs j SET state = 'running', attempt = j.attempt + 1, worker = p_worker, attempt_id = attempts[array_position(ids, j.id)],
                fence = fences[array_position(ids, j.id)],
                generation = CASE WHEN is_at_data(j) THEN j.generation ELSE (SELECT s.generation FROM stores s WHERE s.id = j.store_id) END,
                phase = CASE WHEN is_at_data(j) OR j.phase = 'closing' OR j.generation = (SELECT s.generation FROM stores s WHERE s.id = j.store_id) THEN j.phase END,
                started_at = coalesce(j.started_at, clock_timestamp())
             WHERE j.id = ANY (ids) RETURNING j.*)
        SELECT array_agg(r.store_id), array_agg(r.id), array_agg(r.fence), array_agg(r.kind <> 'backup' AND r.attempt = 1)
          INTO owners, claimed, granted, begins FROM running r;
        RETURN QUERY
        WITH served AS (
            UPDATE stores s SET fence = granted[array_position(owners, s.id)], job_id = claimed[array_position(owners, s.id)],
                provisioning_started_at = CASE WHEN s.status = 'provisioning' AND begins[array_position(owners, s.id)] THEN clock_timestamp()
                    ELSE s.provisioning_started_at END
             WHERE s.id = ANY (owners) RETURNING s)
        SELECT array_position(p_jobs, j.id), 'claimed', NULL::double precision, false, j, s
          FROM served JOIN jobs j ON j.id = (s).job_id AND j.id = ANY (ids);
    END IF;

    FOR place IN SELECT n FROM generate_subscripts(p_jobs, 1) n WHERE p_jobs[n] <> ALL (ids) OR array_position(p_jobs, p_jobs[n]) <> n LOOP
        SELECT * INTO one FROM claim_job(p_jobs[place], p_worker, p_attempts[place], p_lease, p_provision_limit, p_background_limit);
        outcome := one.outcome;
        retry_after := one.retry_after;
        taken_over := one.taken_over;
        job := one.job;
        store := one.store;
        RETURN NEXT;
    END LOOP;
END $$;
