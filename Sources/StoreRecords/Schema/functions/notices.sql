-- The outbox: what happens to stores becomes a notice in the same transaction. When it is due, it is told: ../functions/deliveries.sql.
-- Whatever else is to be told of a store is one line where its row is written: PERFORM give_notice('domain.failing', store, message).
-- The settings: see claim_jobs.sql.

-- Writes that something happened to a store. One of the kind that still waits is replaced. Of the hidden store of a test restore nobody is
-- told. p_message NULL: there is nothing to add.
-- Locks: the notice that waits.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION give_notice(p_kind text, store stores, p_message text) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    INSERT INTO notices AS n (kind, subject, owner, body, due_at)
    SELECT p_kind, store.id, store.owner, jsonb_strip_nulls(jsonb_build_object(
               'store', jsonb_build_object('id', store.id, 'name', store.name, 'slug', substr(store.namespace, 7), 'url', store.url),
               'message', p_message)),
           clock_timestamp() + CASE p_kind WHEN 'store.degraded' THEN interval '2 minutes' ELSE interval '0' END
     WHERE NOT store.verification
    ON CONFLICT (subject, kind) WHERE told_at IS NULL
    DO UPDATE SET owner = excluded.owner, body = excluded.body, at = excluded.at, due_at = greatest(n.due_at, excluded.due_at)
$$;

-- The notices of a store's row.
-- Locks: as give_notice.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notice_store() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF NEW.deleted_at IS NOT NULL THEN
        PERFORM give_notice('store.deleted', NEW, NULL);
        RETURN NULL;
    END IF;
    IF NEW.status <> OLD.status AND NEW.status = 'ready' THEN
        PERFORM give_notice('store.ready', NEW, NULL);
    ELSIF NEW.status <> OLD.status AND NEW.status = 'failed' THEN
        PERFORM give_notice('store.failed', NEW, NEW.error_message);
    END IF;
    IF NEW.drift = 'namespace' AND OLD.drift IS DISTINCT FROM 'namespace' THEN
        PERFORM give_notice('store.lost', NEW, NULL);
    ELSIF NEW.health = 'degraded' AND OLD.health IS DISTINCT FROM 'degraded' THEN
        PERFORM give_notice('store.degraded', NEW, NEW.health_cause);
    ELSIF NEW.health = 'healthy' AND OLD.health <> 'healthy' THEN
        PERFORM give_notice('store.recovered', NEW, NULL);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stores_notice AFTER UPDATE ON stores FOR EACH ROW
    WHEN ((OLD.status, OLD.health, OLD.drift, OLD.deleted_at) IS DISTINCT FROM (NEW.status, NEW.health, NEW.drift, NEW.deleted_at))
    EXECUTE FUNCTION notice_store();

-- A rollout was halted, of which the installation is told.
-- Locks: the notice that waits.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notice_rollout(rollout rollouts) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    INSERT INTO notices AS n (kind, subject, body, due_at)
    VALUES ('rollout.halted', 'rollout:' || rollout.id, jsonb_build_object(
                'rollout', jsonb_build_object('id', rollout.id, 'engine', rollout.engine, 'to', rollout.to_version),
                'message', rollout.halted_reason), clock_timestamp())
    ON CONFLICT (subject, kind) WHERE told_at IS NULL DO UPDATE SET body = excluded.body, at = excluded.at
$$;

-- A backup failed. One that somebody called off did not.
-- Locks: as give_notice.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notice_backup() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM give_notice('backup.failed', s, NEW.failure) FROM stores s WHERE s.id = NEW.store_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER backups_notice AFTER UPDATE OF status ON backups FOR EACH ROW
    WHEN (NEW.status = 'failed' AND OLD.status <> 'failed' AND NEW.failure_code IS DISTINCT FROM 'cancelled')
    EXECUTE FUNCTION notice_backup();

-- Four fifths of a quota of an owner are used, and were not before p_stores were accepted, or p_weight half units. A limit that is NULL is not
-- known here: nothing is told of it.
-- Locks: the notice that waits; the owner's row of store_usage is locked.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notice_quota(p_owner text, p_stores bigint, p_weight bigint, p_store_limit integer, p_unit_limit integer) RETURNS void
LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    INSERT INTO notices AS n (kind, subject, owner, body, due_at)
    SELECT 'quota.near', 'user:' || p_owner, p_owner, jsonb_strip_nulls(jsonb_build_object('quota', jsonb_build_object(
               'stores', jsonb_build_object('used', u.used, 'limit', p_store_limit),
               'units', jsonb_build_object('used', (u.weight + 1) / 2, 'limit', p_unit_limit)))), clock_timestamp()
      FROM store_usage u
     WHERE u.scope = 'user:' || p_owner
       AND (5 * u.used >= 4 * p_store_limit AND 5 * (u.used - p_stores) < 4 * p_store_limit
            OR 5 * u.weight >= 8 * p_unit_limit AND 5 * (u.weight - p_weight) < 8 * p_unit_limit)
    ON CONFLICT (subject, kind) WHERE told_at IS NULL DO UPDATE SET body = excluded.body, at = excluded.at
$$;

-- Whether what a notice says is so still. A store has recovered where the last that was told of its health is that it is degraded or lost.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION notice_holds(notice notices) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT CASE
        WHEN notice.kind NOT IN ('store.ready', 'store.failed', 'store.degraded', 'store.recovered', 'store.lost') THEN true
        ELSE coalesce((
            SELECT s.deleted_at IS NULL AND CASE notice.kind
                WHEN 'store.ready' THEN s.status = 'ready'
                WHEN 'store.failed' THEN s.status = 'failed'
                WHEN 'store.degraded' THEN s.health = 'degraded' AND s.drift IS DISTINCT FROM 'namespace'
                WHEN 'store.lost' THEN s.drift = 'namespace'
                ELSE s.health = 'healthy' AND (
                    SELECT t.kind FROM notices t
                     WHERE t.subject = notice.subject AND t.kind IN ('store.degraded', 'store.lost', 'store.recovered') AND t.told_at IS NOT NULL
                     ORDER BY t.told_at DESC LIMIT 1) IN ('store.degraded', 'store.lost')
            END
            FROM stores s WHERE s.id = notice.subject), false)
    END
$$;

-- Tells what is due: makes the deliveries to the channels that want it, of its owner and of the installation. A kind is told of a subject
-- once in 15 minutes; what comes sooner waits, and is told then if it holds still. A disabled account is told nothing.
-- Locks: the notices that are due, but those that another courier has; the channels.
-- Returns: how many were looked at.
CREATE OR REPLACE FUNCTION tell_notices(p_limit integer) RETURNS integer LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    notice notices;
    last timestamptz;
    seen integer := 0;
BEGIN
    FOR notice IN
        SELECT * FROM notices n WHERE n.told_at IS NULL AND n.due_at <= clock_timestamp() ORDER BY n.due_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    LOOP
        seen := seen + 1;
        SELECT max(n.told_at) INTO last FROM notices n WHERE n.subject = notice.subject AND n.kind = notice.kind AND n.told_at IS NOT NULL;
        IF NOT notice_holds(notice) THEN
            DELETE FROM notices n WHERE n.id = notice.id;
        ELSIF last > clock_timestamp() - interval '15 minutes' THEN
            UPDATE notices n SET due_at = last + interval '15 minutes' WHERE n.id = notice.id;
        ELSE
            UPDATE notices n SET told_at = clock_timestamp() WHERE n.id = notice.id;
            INSERT INTO deliveries (notice_id, channel_id)
            SELECT notice.id, c.id FROM channels c
             WHERE (c.owner = notice.owner OR c.owner IS NULL) AND c.state = 'active' AND notice.kind = ANY (c.events)
               AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = c.owner AND a.disabled_at IS NOT NULL)
             ORDER BY c.id FOR KEY SHARE OF c;
        END IF;
    END LOOP;
    RETURN seen;
END $$;
