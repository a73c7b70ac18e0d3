-- Whether the records agree with themselves.

-- Locks: nothing.
-- Returns: a row for each inconsistency. kind 'usage': a quota's counter; 'stuck': a store waits for a job that is not there; 'unapplied':
-- a change of a ready store does; 'lapsed': a running job whose worker was lost longer ago than a sweep takes; 'attempt': open, though its
-- job does not run it; 'backup': said to run, though no job takes it. subject: the counter's scope, the store, the job, the fence, the
-- backup. detail: for people.
CREATE OR REPLACE FUNCTION check_consistency(OUT kind text, OUT subject text, OUT detail text) RETURNS SETOF record LANGUAGE sql STABLE AS $$
    WITH counted AS (
        SELECT 'total' AS scope, count(*) AS used, sum(weight) AS weight FROM stores
         WHERE status <> 'deleting' AND deleted_at IS NULL AND NOT verification
        UNION ALL
        SELECT 'user:' || owner, count(*), sum(weight) FROM stores
         WHERE status <> 'deleting' AND deleted_at IS NULL AND owner IS NOT NULL GROUP BY owner)
    SELECT 'usage', coalesce(u.scope, c.scope), format('the counter says %s and %s half units, there are %s stores of %s',
           coalesce(u.used, 0), coalesce(u.weight, 0), coalesce(c.used, 0), coalesce(c.weight, 0))
      FROM store_usage u FULL JOIN counted c ON c.scope = u.scope
     WHERE coalesce(u.used, 0) <> coalesce(c.used, 0) OR coalesce(u.weight, 0) <> coalesce(c.weight, 0)
    UNION ALL
    SELECT 'stuck', s.id, format('the store is %s, and no job is at it', s.status) FROM stores s
     WHERE s.deleted_at IS NULL AND s.status IN ('provisioning', 'deleting')
       AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id AND j.state IN ('queued', 'running') AND j.kind <> 'backup')
    UNION ALL
    SELECT 'unapplied', s.id, format('generation %s was accepted, and no job makes it true', s.generation) FROM stores s
     WHERE s.deleted_at IS NULL AND s.status = 'ready' AND s.change_error IS NULL
       AND EXISTS (SELECT 1 FROM store_specs g WHERE g.store_id = s.id AND g.generation = s.generation AND g.outcome IS NULL)
       AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id AND j.state IN ('queued', 'running') AND j.kind <> 'backup')
    UNION ALL
    SELECT 'lapsed', j.id::text, format('the job runs on %s, whose lease is over', j.worker) FROM jobs j
      LEFT JOIN namespace_leases l ON l.namespace = j.namespace
     WHERE j.state = 'running' AND (l.job_id IS DISTINCT FROM j.id OR l.expires_at < clock_timestamp() - interval '10 seconds')
    UNION ALL
    SELECT 'attempt', a.fence::text, format('attempt %s is open, though job %s does not run it', a.fence, a.job_id) FROM attempts a
     WHERE a.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = a.job_id AND j.state = 'running' AND j.fence = a.fence)
    UNION ALL
    SELECT 'backup', b.id, format('backup %s of store %s is said to run, and no job takes it', b.id, b.store_id) FROM backups b
     WHERE b.status = 'running' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = b.job_id AND j.state IN ('queued', 'running'))
$$;

-- Repairs what check_consistency finds. A stuck store becomes failed, for its owner to retry or delete; a change that no job makes is told
-- as not made.
-- Locks: what release_lapsed locks; then, one inconsistency after the other, store_usage 'total', the store, the attempt, or the backup.
-- Returns: how many it repaired, besides lapsed jobs.
CREATE OR REPLACE FUNCTION repair_consistency() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    found record;
    repaired integer := 0;
BEGIN
    PERFORM release_lapsed(1000);
    FOR found IN SELECT * FROM check_consistency() LOOP
        IF found.kind = 'usage' THEN
            PERFORM 1 FROM store_usage WHERE scope = 'total' FOR UPDATE;
            INSERT INTO store_usage AS u (scope, used, weight)
            SELECT found.subject, count(*), coalesce(sum(s.weight), 0) FROM stores s
             WHERE s.status <> 'deleting' AND s.deleted_at IS NULL AND NOT s.verification AND (found.subject = 'total' OR 'user:' || s.owner = found.subject)
            ON CONFLICT (scope) DO UPDATE SET used = excluded.used, weight = excluded.weight;
        ELSIF found.kind = 'stuck' THEN
            UPDATE stores s SET status = 'failed', error_message = 'Its job was lost. Retry it, or delete it.'
             WHERE s.id = found.subject AND s.status IN ('provisioning', 'deleting')
               AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id AND j.state IN ('queued', 'running') AND j.kind <> 'backup');
        ELSIF found.kind = 'unapplied' THEN
            PERFORM not_applied(found.subject, 'job-lost', 'The job of the last change was lost. Retry it.');
        ELSIF found.kind = 'attempt' THEN
            UPDATE attempts SET ended_at = clock_timestamp(), outcome = 'vanished' WHERE fence = found.subject::bigint AND ended_at IS NULL;
        ELSIF found.kind = 'backup' THEN
            UPDATE backups SET status = 'failed', finished_at = clock_timestamp(), failure_code = 'job-lost', failure = 'Its job was lost.'
             WHERE id = found.subject AND status = 'running';
        ELSE
            CONTINUE;
        END IF;
        repaired := repaired + 1;
    END LOOP;
    RETURN repaired;
END $$;
