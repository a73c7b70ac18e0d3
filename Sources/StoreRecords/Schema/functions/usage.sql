-- What stores were allotted, over time.
-- The settings: see claim_jobs.sql.

-- What a store is allotted now: the plan and the volumes of the generation that the cluster has, as long as the store is there; the plan only
-- while it is ready, since nobody pays for what does not run by a fault of ours; what the repository of its backups holds, also when it is
-- deleted. A hidden store of a test restore counts nowhere.
-- Locks: nothing.
-- Returns: a period without its times; a row of NULLs: nothing.
CREATE OR REPLACE FUNCTION allotted(store stores) RETURNS usage_periods LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    period usage_periods;
    spec store_specs;
    is_there boolean := store.deleted_at IS NULL AND store.drift IS DISTINCT FROM 'namespace' AND store.applied_generation > 0;
BEGIN
    IF store.verification THEN
        RETURN NULL;
    END IF;
    IF is_there THEN
        SELECT * INTO spec FROM store_specs g WHERE g.store_id = store.id AND g.generation = store.applied_generation;
        period.plan := CASE WHEN store.status = 'ready' AND store.drift IS NULL THEN spec.plan END;
    END IF;
    period.store_id := store.id;
    period.owner := store.owner;
    period.slug := substr(store.namespace, 7);
    period.awake := period.plan IS NOT NULL AND NOT spec.asleep;
    period.volumes_mib := coalesce(spec.database_mib, 0) + coalesce(spec.uploads_mib, 0);
    period.backup_bytes := store.repository_bytes;
    IF period.plan IS NULL AND period.volumes_mib = 0 AND period.backup_bytes = 0 THEN
        RETURN NULL;
    END IF;
    RETURN period;
END $$;

-- Ends a store's period and begins the next one, where what it is allotted has changed.
-- Locks: nothing but the row that it ends; the store's row is locked.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION meter_store() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    wanted usage_periods := allotted(NEW);
    lasting usage_periods;
    moment timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO lasting FROM usage_periods p WHERE p.store_id = NEW.id AND p.ended_at IS NULL;
    IF (wanted.owner, wanted.slug, wanted.plan, wanted.awake, wanted.volumes_mib, wanted.backup_bytes)
        IS NOT DISTINCT FROM (lasting.owner, lasting.slug, lasting.plan, lasting.awake, lasting.volumes_mib, lasting.backup_bytes) THEN
        RETURN NULL;
    END IF;
    -- A clock that was set back must not make a period that ends before it begins.
    moment := greatest(moment, lasting.begun_at);
    UPDATE usage_periods p SET ended_at = moment WHERE p.id = lasting.id;
    IF wanted.store_id IS NOT NULL THEN
        INSERT INTO usage_periods (store_id, owner, slug, plan, awake, volumes_mib, backup_bytes, begun_at)
        VALUES (wanted.store_id, wanted.owner, wanted.slug, wanted.plan, wanted.awake, wanted.volumes_mib, wanted.backup_bytes, moment);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stores_meter AFTER UPDATE ON stores FOR EACH ROW
    WHEN ((OLD.status, OLD.applied_generation, OLD.drift, OLD.deleted_at, OLD.owner, OLD.namespace, OLD.repository_bytes)
        IS DISTINCT FROM (NEW.status, NEW.applied_generation, NEW.drift, NEW.deleted_at, NEW.owner, NEW.namespace, NEW.repository_bytes))
    EXECUTE FUNCTION meter_store();

-- What a store's backups take.
-- Locks: nothing.
-- Returns: what its repository holds, in bytes; before the vault was asked for the first time, what its backups said that they added.
CREATE OR REPLACE FUNCTION kept_bytes(store stores) RETURNS bigint LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT CASE WHEN store.repository_measured_at IS NOT NULL THEN store.repository_bytes ELSE (
        SELECT coalesce(sum(b.added_bytes), 0)::bigint FROM backups b WHERE b.store_id = store.id AND b.status = 'done') END
$$;

-- Notes what a store's repository holds, also of a deleted store. p_measured: when the vault was asked.
-- Locks: the store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION note_repository(p_store text, p_bytes bigint, p_measured timestamptz) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM 1 FROM stores s WHERE s.id = p_store FOR NO KEY UPDATE;
    -- A statement of its own: it sees that a purge has just removed the repository.
    UPDATE stores s SET repository_bytes = p_bytes, repository_measured_at = p_measured
     WHERE s.id = p_store AND (s.repository_measured_at IS NULL OR s.repository_measured_at < p_measured)
       AND EXISTS (SELECT 1 FROM backup_keys k WHERE k.store_id = s.id);
END $$;

-- What was allotted from p_from to p_to, but nothing that is still to come, by calendar months in UTC. p_owner: whose stores; NULL: everybody's.
-- p_by_store: a row for each store rather than for each owner.
-- Locks: nothing.
-- Returns: hours awake and asleep by plan, GiB-hours of volumes and of backups; store and slug are NULL unless asked for.
CREATE OR REPLACE FUNCTION usage_by_month(p_from timestamptz, p_to timestamptz, p_owner text, p_by_store boolean) RETURNS TABLE (
    month text, owner text, store_id text, slug text, awake_small numeric, awake_medium numeric, awake_large numeric,
    asleep_small numeric, asleep_medium numeric, asleep_large numeric, volumes numeric, backups numeric
) LANGUAGE sql STABLE
SET jit = off AS $$
    WITH months AS (
        SELECT to_char(m, 'YYYY-MM') AS name, greatest(m AT TIME ZONE 'UTC', p_from) AS begins,
               least((m + interval '1 month') AT TIME ZONE 'UTC', p_to, clock_timestamp()) AS ends
          FROM generate_series(date_trunc('month', p_from AT TIME ZONE 'UTC'), p_to AT TIME ZONE 'UTC', interval '1 month') m
    ), parts AS (
        SELECT m.name, p.*, extract(epoch FROM least(p.ended_at, m.ends) - greatest(p.begun_at, m.begins)) / 3600 AS hours
          FROM months m JOIN usage_periods p ON p.begun_at < m.ends AND (p.ended_at IS NULL OR p.ended_at > m.begins)
         WHERE m.begins < m.ends AND (p_owner IS NULL OR p.owner = p_owner)
    )
    SELECT p.name, p.owner, CASE WHEN p_by_store THEN p.store_id END, CASE WHEN p_by_store THEN max(p.slug) END,
           coalesce(sum(p.hours) FILTER (WHERE p.awake AND p.plan = 'small'), 0),
           coalesce(sum(p.hours) FILTER (WHERE p.awake AND p.plan = 'medium'), 0),
           coalesce(sum(p.hours) FILTER (WHERE p.awake AND p.plan = 'large'), 0),
           coalesce(sum(p.hours) FILTER (WHERE NOT p.awake AND p.plan = 'small'), 0),
           coalesce(sum(p.hours) FILTER (WHERE NOT p.awake AND p.plan = 'medium'), 0),
           coalesce(sum(p.hours) FILTER (WHERE NOT p.awake AND p.plan = 'large'), 0),
           sum(p.hours * p.volumes_mib) / 1024, sum(p.hours * p.backup_bytes) / 1073741824
      FROM parts p GROUP BY p.name, p.owner, CASE WHEN p_by_store THEN p.store_id END
     ORDER BY 1, 2 NULLS LAST, 4, 3
$$;
