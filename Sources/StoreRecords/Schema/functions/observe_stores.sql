-- What the watcher writes, under its leadership term.

-- Writes what the watcher saw of many stores: [{"id", "snapshot", "replicas", "podsRunning", "podRestarts", "engineVersion", "health",
-- "cause", "drift"}], with a snapshot {"resources": [{"kind", "name", "status", "replicas", "createdAt"}], "events": [{"timestamp", "kind",
-- "message"}], "quotas": {"cpuUsed", ...}, "volumes": [{"name", "used", "size"}]}, times in seconds since 1970 and sizes in bytes. No volumes:
-- nothing is said of them. No health: the same of a store that is to serve; of another, that it is not lost. Rows that would not change are
-- not written. Rows are found by key, as in claim_jobs.
-- Locks: the watch's leadership row, so that no other term begins meanwhile; the stores by ascending id.
-- Returns: false when the term is over; nothing was written then.
CREATE OR REPLACE FUNCTION observe_stores(p_holder text, p_term bigint, p_seen jsonb) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM 1 FROM leader_leases WHERE role = 'watch' AND holder = p_holder AND term = p_term AND expires_at > clock_timestamp() FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM stores WHERE id IN (SELECT o.id FROM jsonb_to_recordset(p_seen) AS o (id text)) ORDER BY id FOR NO KEY UPDATE;

    INSERT INTO store_snapshots AS n (
        store_id, taken_at, term, resource_kinds, resource_names, resource_statuses, resource_replicas, resources_made_at,
        event_times, event_kinds, event_messages, quotas, volume_names, volume_used, volume_sizes)
    SELECT o.id, clock_timestamp(), p_term, resources.*, events.*, ARRAY[
               o.snapshot #>> '{quotas,cpuUsed}', o.snapshot #>> '{quotas,cpuLimit}', o.snapshot #>> '{quotas,memUsed}',
               o.snapshot #>> '{quotas,memLimit}', o.snapshot #>> '{quotas,pvcUsed}', o.snapshot #>> '{quotas,pvcLimit}'], volumes.*
      FROM jsonb_to_recordset(p_seen) AS o (id text, snapshot jsonb)
      JOIN stores s ON s.id = o.id AND s.deleted_at IS NULL
      LEFT JOIN store_snapshots known ON known.store_id = o.id
     CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(r.kind ORDER BY n), '{}'), coalesce(array_agg(r.name ORDER BY n), '{}'),
               coalesce(array_agg(r.status ORDER BY n), '{}'), coalesce(array_agg(r.replicas ORDER BY n), '{}'),
               coalesce(array_agg(to_timestamp(r.made) ORDER BY n), '{}')
          FROM ROWS FROM (jsonb_to_recordset(o.snapshot -> 'resources') AS (kind text, name text, status text, replicas text, "createdAt" float8))
               WITH ORDINALITY AS r (kind, name, status, replicas, made, n)) resources
     CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(to_timestamp(e.at) ORDER BY n), '{}'), coalesce(array_agg(e.kind ORDER BY n), '{}'),
               coalesce(array_agg(e.message ORDER BY n), '{}')
          FROM ROWS FROM (jsonb_to_recordset(o.snapshot -> 'events') AS ("timestamp" float8, kind text, message text))
               WITH ORDINALITY AS e (at, kind, message, n)) events
     CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(v.name ORDER BY n), '{}'), coalesce(array_agg(v.used ORDER BY n), '{}'), coalesce(array_agg(v.size ORDER BY n), '{}')
          FROM ROWS FROM (jsonb_to_recordset(o.snapshot -> 'volumes') AS (name text, used bigint, size bigint)) WITH ORDINALITY AS v (name, used, size, n)
        HAVING o.snapshot ? 'volumes'
        UNION ALL SELECT coalesce(known.volume_names, '{}'), coalesce(known.volume_used, '{}'), coalesce(known.volume_sizes, '{}')
         WHERE NOT o.snapshot ? 'volumes') volumes
    ON CONFLICT (store_id) DO UPDATE SET taken_at = excluded.taken_at, term = excluded.term,
        resource_kinds = excluded.resource_kinds, resource_names = excluded.resource_names, resource_statuses = excluded.resource_statuses,
        resource_replicas = excluded.resource_replicas, resources_made_at = excluded.resources_made_at,
        event_times = excluded.event_times, event_kinds = excluded.event_kinds, event_messages = excluded.event_messages,
        quotas = excluded.quotas, volume_names = excluded.volume_names, volume_used = excluded.volume_used, volume_sizes = excluded.volume_sizes
     WHERE (n.resource_kinds, n.resource_names, n.resource_statuses, n.resource_replicas, n.resources_made_at,
            n.event_times, n.event_kinds, n.event_messages, n.quotas, n.volume_names, n.volume_used, n.volume_sizes)
        IS DISTINCT FROM (excluded.resource_kinds, excluded.resource_names, excluded.resource_statuses, excluded.resource_replicas,
            excluded.resources_made_at, excluded.event_times, excluded.event_kinds, excluded.event_messages, excluded.quotas,
            excluded.volume_names, excluded.volume_used, excluded.volume_sizes);

    UPDATE stores s SET replicas = o.replicas, pods_running = o."podsRunning", pod_restarts = o."podRestarts",
        engine_version = coalesce(o."engineVersion", s.engine_version), observed_at = clock_timestamp(),
        health = CASE WHEN o.health IS NULL AND is_to_serve(s) THEN s.health ELSE o.health END,
        health_cause = CASE WHEN o.health IS NULL AND is_to_serve(s) THEN s.health_cause ELSE o.cause END,
        drift = CASE WHEN o.health IS NULL AND is_to_serve(s) THEN s.drift ELSE o.drift END
      FROM jsonb_to_recordset(p_seen) AS o (
        id text, replicas integer, "podsRunning" integer, "podRestarts" integer, "engineVersion" text, health text, cause text, drift text)
     WHERE s.id = o.id AND s.deleted_at IS NULL
       AND ((s.replicas, s.pods_running, s.pod_restarts) IS DISTINCT FROM (o.replicas, o."podsRunning", o."podRestarts")
            OR s.engine_version IS DISTINCT FROM coalesce(o."engineVersion", s.engine_version)
            OR ((o.health IS NOT NULL OR NOT is_to_serve(s))
                AND (s.health, s.health_cause, s.drift) IS DISTINCT FROM (o.health, o.cause, o.drift)));
    RETURN true;
END $$;

-- The watcher does not see the cluster any more: the health of every ready store becomes unknown.
-- Locks: the watch's leadership row; the ready stores by ascending id.
-- Returns: false when the term is over; nothing was written then.
CREATE OR REPLACE FUNCTION mark_health_unknown(p_holder text, p_term bigint, p_cause text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM leader_leases WHERE role = 'watch' AND holder = p_holder AND term = p_term AND expires_at > clock_timestamp() FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM stores WHERE status = 'ready' AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE;
    UPDATE stores SET health = 'unknown', health_cause = p_cause, observed_at = clock_timestamp()
     WHERE is_to_serve(stores) AND deleted_at IS NULL AND health IS DISTINCT FROM 'unknown';
    RETURN true;
END $$;
