-- What every write to stores entails. Triggers of one kind fire in the order of their names.

-- The state machine of a store's status; StoreDomain.Transitions is the same in Swift.
-- Locks: nothing.
-- Returns: whether the change is allowed; staying as it is always is.
CREATE OR REPLACE FUNCTION store_status_may_become(old text, new text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT old = new OR (old, new) IN (
        ('provisioning', 'ready'), ('provisioning', 'failed'), ('provisioning', 'deleting'),
        ('ready', 'failed'), ('ready', 'deleting'),
        ('failed', 'provisioning'), ('failed', 'deleting'),
        ('deleting', 'failed'))
$$;

-- Whether a store is to have its namespace, with no attempt at it that would make it anew.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION is_to_exist(store stores) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT store.status = 'ready' AND coalesce(store.activity, '') NOT IN ('waking', 'restoring')
$$;

-- Whether a store is to answer its visitors now: it is ready, and neither asleep, on its way from there, being restored, nor closed for a
-- change.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION is_to_serve(store stores) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT is_to_exist(store) AND NOT store.asleep AND NOT store.closed
$$;

-- Holds the rules for every update: no lower fence overwrites a higher one, nothing changes a deleted store but whose its backups are,
-- for how long and how large, no status changes against the state machine. Keeps updated_at, changed, asked_at, and the
-- health, as 0001_baseline.sql describes them: a store that is not to serve has none, unless it sleeps and is lost.
-- Locks: nothing.
-- Returns: the row to write; raises SW001, SW002 or SW003.
CREATE OR REPLACE FUNCTION guard_store() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept stores;
BEGIN
    IF NEW.fence < OLD.fence THEN
        RAISE EXCEPTION 'stale fence % for store % (now %)', NEW.fence, OLD.id, OLD.fence USING ERRCODE = 'SW001';
    END IF;
    IF OLD.deleted_at IS NOT NULL THEN
        kept := OLD;
        kept.kept_until := NEW.kept_until;
        kept.owner := NEW.owner;
        kept.repository_bytes := NEW.repository_bytes;
        kept.repository_measured_at := NEW.repository_measured_at;
        IF NEW IS DISTINCT FROM kept THEN
            RAISE EXCEPTION 'store % is deleted', OLD.id USING ERRCODE = 'SW002';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT store_status_may_become(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'store % may not go from % to %', OLD.id, OLD.status, NEW.status USING ERRCODE = 'SW003';
    END IF;
    NEW.changed := pg_current_xact_id();
    IF NEW.observed_at IS NOT DISTINCT FROM OLD.observed_at THEN
        NEW.updated_at := clock_timestamp();
    END IF;
    IF NEW.status = 'provisioning' AND OLD.status <> 'provisioning' THEN
        NEW.asked_at := clock_timestamp();
    END IF;
    IF NEW.status <> 'ready' THEN
        NEW.change_error_code := NULL;
        NEW.change_error := NULL;
        NEW.change_error_at := NULL;
        NEW.activity := NULL;
    END IF;
    NEW.closed := NEW.closed AND NEW.status = 'ready' AND coalesce(NEW.activity, 'backing-up') <> 'backing-up';
    -- It counts as more at once, and as less once that is so.
    NEW.weight := greatest(NEW.weight, store_weight(NEW.plan, NEW.asleep));
    IF is_to_serve(NEW) THEN
        IF NOT is_to_serve(OLD) THEN
            -- The attempt that made it ready has just checked its storefront.
            NEW.health := 'healthy';
            NEW.health_cause := NULL;
            NEW.drift := NULL;
        END IF;
    ELSIF NOT (is_to_exist(NEW) AND coalesce(NEW.drift = 'namespace', false)) THEN
        NEW.health := NULL;
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
CREATE OR REPLACE TRIGGER stores_guard BEFORE UPDATE ON stores FOR EACH ROW EXECUTE FUNCTION guard_store();

-- Quotas, history, first generation and notifications of new stores, once for all rows of a statement.
-- Locks: store_usage 'total', then the owners' rows in their order, so that two transactions cannot wait for each other.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION after_insert_stores() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO store_usage (scope, used, weight)
    SELECT 'total', count(*), sum(made.weight) FROM made
     WHERE made.status <> 'deleting' AND made.deleted_at IS NULL AND NOT made.verification HAVING count(*) > 0
    ON CONFLICT (scope) DO UPDATE SET used = store_usage.used + excluded.used, weight = store_usage.weight + excluded.weight;
    INSERT INTO store_usage (scope, used, weight)
    SELECT 'user:' || made.owner, count(*), sum(made.weight) FROM made
     WHERE made.owner IS NOT NULL AND made.status <> 'deleting' AND made.deleted_at IS NULL GROUP BY made.owner ORDER BY made.owner
    ON CONFLICT (scope) DO UPDATE SET used = store_usage.used + excluded.used, weight = store_usage.weight + excluded.weight;
    INSERT INTO store_specs (store_id, generation, name, plan, version, asleep, database_mib, uploads_mib, storage_class, host, admin_revision)
    SELECT made.id, made.generation, made.name, made.plan, made.version, made.asleep, made.database_mib, made.uploads_mib, made.storage_class,
           made.host, made.admin_revision FROM made;
    INSERT INTO store_history (store_id, to_status, job_id, fence, message)
    SELECT made.id, CASE WHEN made.deleted_at IS NULL THEN made.status ELSE 'deleted' END, made.job_id, made.fence, made.error_message FROM made;
    PERFORM pg_notify('store_changes', 's:' || made.id) FROM made;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stores_after_insert AFTER INSERT ON stores REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION after_insert_stores();

-- Adds to a quota's counters: stores, and half units of their plans.
-- Locks: the counter's row.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION count_store(counted text, by integer, heavier integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO store_usage (scope, used, weight) VALUES (counted, greatest(by, 0), greatest(heavier, 0))
    ON CONFLICT (scope) DO UPDATE SET used = store_usage.used + by, weight = store_usage.weight + heavier
$$;

-- Quotas and history of a store whose status or weight changed or that is gone.
-- Locks: store_usage 'total', then the owner's, when the store begins or ceases to count, or counts otherwise.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION record_store_history() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    was integer := (OLD.status <> 'deleting' AND OLD.deleted_at IS NULL AND NOT OLD.verification)::integer;
    now integer := (NEW.status <> 'deleting' AND NEW.deleted_at IS NULL AND NOT NEW.verification)::integer;
    heavier integer := now * NEW.weight - was * OLD.weight;
BEGIN
    IF now <> was OR heavier <> 0 THEN
        PERFORM count_store('total', now - was, heavier);
        IF NEW.owner IS NOT NULL THEN
            PERFORM count_store('user:' || NEW.owner, now - was, heavier);
        END IF;
    END IF;
    IF OLD.status <> NEW.status OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL) THEN
        INSERT INTO store_history (store_id, from_status, to_status, job_id, fence, message)
        VALUES (NEW.id, OLD.status,
                CASE WHEN NEW.deleted_at IS NULL THEN NEW.status ELSE 'deleted' END, NEW.job_id, NEW.fence, NEW.error_message);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stores_record_history AFTER UPDATE OF status, deleted_at, plan, asleep, weight ON stores FOR EACH ROW EXECUTE FUNCTION record_store_history();

-- The history of a store's health.
-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION record_health_history() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO health_history (store_id, from_health, to_health, cause) VALUES (NEW.id, OLD.health, NEW.health, NEW.health_cause);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stores_record_health_history AFTER UPDATE ON stores FOR EACH ROW
    WHEN (OLD.health IS DISTINCT FROM NEW.health) EXECUTE FUNCTION record_health_history();

-- Removes what is shown of a store, once it is gone.
-- Locks: the rows that it removes.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION purge_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM store_snapshots WHERE store_id = NEW.id;
    DELETE FROM store_releases WHERE store_id = NEW.id;
    DELETE FROM store_credentials WHERE store_id = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stores_purge AFTER UPDATE OF deleted_at ON stores FOR EACH ROW
    WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION purge_store();
