-- Attempts that begin or end together, with one statement for each table: what a statement costs before its first row (its table's checks are parsed,
-- its plan is set up) is paid once for all of them. Rows are locked in the order namespace_leases, jobs, stores, and of each table by key.
-- Each statement names one table and its keys as an array: there is no join whose order could depend on statistics.
-- `+ 0` and `|| ''`: rows are to be found by their keys, not sought from the beginning to the end of an index that has their order or their state.

-- As claim_job, for many. Those that nothing stands in the way of are claimed together, the others one by one.
-- The nth job's attempt is p_attempts[n]; `place` is n.
CREATE FUNCTION claim_jobs(
    p_jobs bigint[], p_attempts text[], p_worker text, p_lease double precision, p_provision_limit integer
) RETURNS TABLE (place integer, outcome text, retry_after double precision, taken_over boolean, job jobs, store stores) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    wanted bigint[];
    names text[];
    unheld text[];
    provisions integer;
    -- What is claimed together: jobs, their namespaces and attempts; then what they got.
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
        -- Those that somebody runs, too: whoever looks at them one by one below has locked them in the order of all.
        SELECT array_agg(j.id), array_agg(j.namespace) INTO wanted, names
          FROM jobs j WHERE j.id = ANY (p_jobs) AND j.state || '' IN ('queued', 'running');
        INSERT INTO namespace_leases (namespace) SELECT DISTINCT name FROM unnest(names) name ORDER BY name ON CONFLICT DO NOTHING;
        PERFORM 1 FROM namespace_leases l WHERE l.namespace = ANY (names) ORDER BY l.namespace || '' FOR UPDATE;
        PERFORM 1 FROM jobs j WHERE j.id = ANY (wanted) ORDER BY j.id + 0 FOR UPDATE;
        -- Looked at again under the locks; of two jobs in one namespace the first.
        SELECT array_agg(l.namespace) INTO unheld FROM namespace_leases l WHERE l.namespace = ANY (names) AND l.expires_at = '-infinity';
        SELECT coalesce(array_agg(j.id), '{}'), array_agg(j.namespace), array_agg(p_attempts[array_position(p_jobs, j.id)]),
               count(*) FILTER (WHERE j.kind <> 'delete')
          INTO ids, namespaces, attempts, provisions
          FROM (SELECT DISTINCT ON (j.namespace) j.* FROM jobs j
                 WHERE j.id = ANY (wanted) AND j.state || '' = 'queued' AND j.run_after <= clock_timestamp() AND j.namespace = ANY (unheld)
                   AND j.namespace = names[array_position(wanted, j.id)]
                 ORDER BY j.namespace, j.id) j;
        IF provisions > 0 THEN
            -- Two claims that count at once would both find room. Who gets it when there is not enough, is settled one by one.
            PERFORM pg_advisory_xact_lock(hashtext('store-weaver:provision-limit'));
            IF provisions > p_provision_limit - (SELECT count(*) FROM jobs j WHERE j.state = 'running' AND j.kind <> 'delete') THEN
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
        WITH running AS (
            UPDATE jobs j SET state = 'running', attempt = j.attempt + 1, worker = p_worker, attempt_id = attempts[array_position(ids, j.id)],
                fence = fences[array_position(ids, j.id)], started_at = coalesce(j.started_at, clock_timestamp())
             WHERE j.id = ANY (ids) RETURNING j.*)
        SELECT array_agg(r.store_id), array_agg(r.id), array_agg(r.fence), array_agg(r.kind <> 'delete' AND r.attempt = 1)
          INTO owners, claimed, granted, begins FROM running r;
        PERFORM 1 FROM stores s WHERE s.id = ANY (owners) ORDER BY s.id || '' FOR NO KEY UPDATE;
        RETURN QUERY
        WITH served AS (
            UPDATE stores s SET fence = granted[array_position(owners, s.id)], job_id = claimed[array_position(owners, s.id)],
                provisioning_started_at = CASE WHEN begins[array_position(owners, s.id)] THEN clock_timestamp() ELSE s.provisioning_started_at END
             WHERE s.id = ANY (owners) RETURNING s)
        SELECT array_position(p_jobs, j.id), 'claimed', NULL::double precision, false, j, s
          FROM served JOIN jobs j ON j.id = (s).job_id AND j.id = ANY (ids);
    END IF;

    FOR place IN SELECT n FROM generate_subscripts(p_jobs, 1) n WHERE p_jobs[n] <> ALL (ids) OR array_position(p_jobs, p_jobs[n]) <> n LOOP
        SELECT * INTO one FROM claim_job(p_jobs[place], p_worker, p_attempts[place], p_lease, p_provision_limit);
        outcome := one.outcome;
        retry_after := one.retry_after;
        taken_over := one.taken_over;
        job := one.job;
        store := one.store;
        RETURN NEXT;
    END LOOP;
END $$;

-- As settle_job, for many; '' stands for NULL. Those that are ready are settled together, the others one by one.
CREATE FUNCTION settle_jobs(
    p_jobs bigint[], p_namespaces text[], p_fences bigint[], p_attempts text[], p_outcomes text[], p_urls text[], p_versions text[],
    p_messages text[], p_permanent boolean[], p_delays double precision[], p_new_namespaces text[]
) RETURNS TABLE (place integer, result text) LANGUAGE plpgsql AS $$
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
         WHERE p_outcomes[n] = 'ready' AND l.fence = p_fences[n] AND l.attempt_id = p_attempts[n] AND l.expires_at > clock_timestamp();
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
            nullif(p_versions[place], ''), nullif(p_messages[place], ''), p_permanent[place], p_delays[place], nullif(p_new_namespaces[place], ''));
        RETURN NEXT;
    END LOOP;
END $$;

ALTER FUNCTION claim_jobs SET enable_seqscan = off SET jit = off;
ALTER FUNCTION settle_jobs SET enable_seqscan = off SET jit = off;
