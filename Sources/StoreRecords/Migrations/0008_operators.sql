-- What operators did, and what they can do beside the queue: drain a worker, hasten a job, adopt or remove a stray namespace.

-- Who did what by an operator's right. It is written before the deed, and never changed.
CREATE TABLE audit (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor  text NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    -- By which way it came: 'api' or 'storectl'.
    source text NOT NULL,
    -- E.g. 'job.cancel'.
    action text NOT NULL,
    -- What it was done to: a job's number, a worker, a namespace.
    target text,
    detail text
);
CREATE INDEX audit_by_target ON audit (target, id DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME USING ERRCODE = 'SW006';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Workers that are to take no more jobs. What they run goes on.
CREATE TABLE worker_drains (
    worker   text PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_by text NOT NULL,
    reason   text NOT NULL
);

CREATE FUNCTION tell_drain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('worker_drains', coalesce(NEW.worker, OLD.worker));
    RETURN NULL;
END $$;
CREATE TRIGGER worker_drains_tell AFTER INSERT OR DELETE ON worker_drains FOR EACH ROW EXECUTE FUNCTION tell_drain();

-- A job that waits for a later time may run now. outcome: hastened | not_waiting | not_found
CREATE FUNCTION hasten_job(p_job bigint, OUT outcome text, OUT job jobs) LANGUAGE plpgsql AS $$
BEGIN
    SELECT * INTO job FROM jobs WHERE id = p_job FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
    ELSIF job.state = 'queued' AND job.run_after > clock_timestamp() THEN
        UPDATE jobs SET run_after = clock_timestamp() WHERE id = p_job RETURNING * INTO job;
        outcome := 'hastened';
    ELSE
        outcome := 'not_waiting';
    END IF;
END $$;

-- A namespace that no living store has, held by an operator's hand for as long as its removal takes: its fence, or NULL when
-- an attempt holds it or a store has it. An attempt that wants it meanwhile waits.
CREATE FUNCTION hold_stray_namespace(p_namespace text, p_holder text, p_attempt text, p_lease double precision) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    granted bigint;
BEGIN
    INSERT INTO namespace_leases (namespace) VALUES (p_namespace) ON CONFLICT DO NOTHING;
    PERFORM 1 FROM namespace_leases WHERE namespace = p_namespace AND expires_at <= clock_timestamp() FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT 1 FROM stores WHERE namespace = p_namespace AND deleted_at IS NULL) THEN
        RETURN NULL;
    END IF;
    UPDATE namespace_leases SET fence = nextval('fences'), attempt_id = p_attempt, job_id = NULL, worker = p_holder,
        expires_at = clock_timestamp() + seconds(p_lease)
     WHERE namespace = p_namespace RETURNING fence INTO granted;
    RETURN granted;
END $$;

-- A store that the cluster has and the records do not know, as after a restore from an older backup. It was ready once, so it is
-- never reinstalled from nothing; a retry finds it and makes it ready. Quotas are not asked.
-- outcome: adopted | known (a store of this id is or was there) | taken (another has the namespace)
CREATE FUNCTION adopt_store(
    p_id text, p_name text, p_engine text, p_owner text, p_namespace text,
    OUT outcome text, OUT accepted_job bigint, OUT store stores
) LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM stores s WHERE s.id = p_id) THEN
        outcome := 'known';
        RETURN;
    END IF;
    INSERT INTO stores AS s (id, name, engine, status, namespace, owner, first_ready_at)
    VALUES (p_id, p_name, p_engine, 'provisioning', p_namespace, p_owner, clock_timestamp())
    ON CONFLICT DO NOTHING RETURNING s.* INTO store;
    IF NOT FOUND THEN
        outcome := 'taken';
        RETURN;
    END IF;
    INSERT INTO jobs (store_id, kind, namespace, owner) VALUES (p_id, 'retry', p_namespace, p_owner) RETURNING id INTO accepted_job;
    UPDATE stores s SET job_id = accepted_job WHERE s.id = p_id RETURNING s.* INTO store;
    outcome := 'adopted';
END $$;

-- Where the records contradict themselves. kind: 'usage' (a quota's counter), 'stuck' (a store that waits for a job that is not there),
-- 'lapsed' (a running job whose holder vanished, for longer than a sweep takes), 'attempt' (open, though its job does not run).
CREATE FUNCTION find_contradictions(OUT kind text, OUT subject text, OUT detail text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    WITH counted AS (
        SELECT 'total' AS scope, count(*) AS used FROM stores WHERE status <> 'deleting' AND deleted_at IS NULL
        UNION ALL
        SELECT 'user:' || owner, count(*) FROM stores WHERE status <> 'deleting' AND deleted_at IS NULL AND owner IS NOT NULL GROUP BY owner)
    SELECT 'usage', coalesce(u.scope, c.scope), format('the counter says %s, there are %s stores', coalesce(u.used, 0), coalesce(c.used, 0))
      FROM store_usage u FULL JOIN counted c ON c.scope = u.scope WHERE coalesce(u.used, 0) <> coalesce(c.used, 0)
    UNION ALL
    SELECT 'stuck', s.id, format('the store is %s, and no job is at it', s.status) FROM stores s
     WHERE s.deleted_at IS NULL AND s.status IN ('provisioning', 'deleting')
       AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id AND j.state IN ('queued', 'running'))
    UNION ALL
    SELECT 'lapsed', j.id::text, format('the job runs on %s, whose lease is over', j.worker) FROM jobs j
      LEFT JOIN namespace_leases l ON l.namespace = j.namespace
     WHERE j.state = 'running' AND (l.job_id IS DISTINCT FROM j.id OR l.expires_at < clock_timestamp() - interval '10 seconds')
    UNION ALL
    SELECT 'attempt', a.fence::text, format('attempt %s is open, though job %s does not run it', a.fence, a.job_id) FROM attempts a
     WHERE a.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = a.job_id AND j.state = 'running' AND j.fence = a.fence)
$$;

-- Mends what find_contradictions finds. A stuck store ends as failed, for its owner to retry or delete. How many were mended.
CREATE FUNCTION mend_contradictions() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    found record;
    mended integer := 0;
BEGIN
    PERFORM release_lapsed(1000);
    FOR found IN SELECT * FROM find_contradictions() LOOP
        IF found.kind = 'usage' THEN
            PERFORM 1 FROM store_usage WHERE scope = 'total' FOR UPDATE;
            INSERT INTO store_usage AS u (scope, used)
            SELECT found.subject, count(*) FROM stores s WHERE s.status <> 'deleting' AND s.deleted_at IS NULL
               AND (found.subject = 'total' OR 'user:' || s.owner = found.subject)
            ON CONFLICT (scope) DO UPDATE SET used = excluded.used;
        ELSIF found.kind = 'stuck' THEN
            UPDATE stores s SET status = 'failed', error_message = 'Its job was lost. Retry it, or delete it.'
             WHERE s.id = found.subject AND s.status IN ('provisioning', 'deleting')
               AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id AND j.state IN ('queued', 'running'));
        ELSIF found.kind = 'attempt' THEN
            UPDATE attempts SET ended_at = clock_timestamp(), outcome = 'vanished' WHERE fence = found.subject::bigint AND ended_at IS NULL;
        ELSE
            CONTINUE;
        END IF;
        mended := mended + 1;
    END LOOP;
    RETURN mended;
END $$;
