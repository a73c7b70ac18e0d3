-- The rows of backups.
-- The settings: see claim_jobs.sql.

-- Whether a store's data is half of what it was and half of a backup: a restore was at it, or an upgrade that went back, and did not come to
-- its end. It is neither to serve nor to be saved as it is; only another restore, or its deletion, ends that.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION half_restored(p_store text) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT coalesce((SELECT j.backup_id IS NOT NULL AND j.phase IN ('restoring', 'going-back') AND j.state <> 'succeeded'
                       FROM jobs j WHERE j.store_id = p_store AND j.kind NOT IN ('backup', 'delete') ORDER BY j.id DESC LIMIT 1), false)
$$;

-- Whether an upgrade has closed a store, or is about to, and did not come to its end: only its retry, a restore or the store's deletion ends
-- that.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION half_upgraded(p_store text) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT coalesce((SELECT j.kind IN ('apply', 'retry') AND j.phase = 'upgrading' AND j.state <> 'succeeded'
                       FROM jobs j WHERE j.store_id = p_store AND j.kind NOT IN ('backup', 'delete') ORDER BY j.id DESC LIMIT 1), false)
$$;

-- Locks: nothing.
-- Returns: the store's newest job that is no backup; a row of NULLs where there is none.
CREATE OR REPLACE FUNCTION last_job(p_store text) RETURNS jobs LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT j.* FROM jobs j WHERE j.store_id = p_store AND j.kind <> 'backup' ORDER BY j.id DESC LIMIT 1
$$;

-- Whether there is something of a store to save before it is deleted: it has data, which is whole, and no earlier attempt to delete it has
-- saved that.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION final_is_due(store stores) RETURNS boolean LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    last bigint;
BEGIN
    last := (last_job(store.id)).id;
    RETURN store.first_ready_at IS NOT NULL AND store.drift IS DISTINCT FROM 'namespace' AND NOT half_restored(store.id)
       AND NOT EXISTS (SELECT 1 FROM backups b WHERE b.job_id = last AND b.kind = 'final' AND b.status = 'done');
END $$;

-- Locks: nothing.
-- Returns: the activity of a store that nothing changes: 'backing-up' while a backup of it is queued or runs, but p_job; else NULL.
CREATE OR REPLACE FUNCTION resting_activity(p_store text, p_job bigint) RETURNS text LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT 'backing-up' WHERE EXISTS (
        SELECT 1 FROM jobs j WHERE j.store_id = p_store AND j.state IN ('queued', 'running') AND j.kind = 'backup' AND j.id <> p_job)
$$;

-- A backup's job has ended, one way or the other: the store stays as it is, and only its activity may say something else.
-- Locks: the store's row.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION end_backing_up(job jobs) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE stores s SET activity = NULL
     WHERE s.id = job.store_id AND s.activity = 'backing-up' AND resting_activity(s.id, job.id) IS NULL
$$;

-- Locks: nothing.
-- Returns: the chart's version that a store's data is of. While a change of a ready store waits or begins, that is the applied one and not
-- the wanted one. Of a store that failed nobody knows how far its database got: then it is the wanted one, so that none is restored to an
-- older.
CREATE OR REPLACE FUNCTION data_version(store stores) RETURNS text LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT coalesce((SELECT g.version FROM store_specs g
                      WHERE store.status = 'ready' AND g.store_id = store.id AND g.generation = store.applied_generation), store.version)
$$;

-- The row of the backup that an attempt takes: of a backup's job its own, of another job that of its generation and p_kind. It is made with
-- the id p_new where there is none, or only one that failed. One that is done stays so: a predecessor took it.
-- Locks: the namespace's lease, the store, the row.
-- Returns: whether the attempt holds the namespace; the row, if it does.
CREATE OR REPLACE FUNCTION begin_backup(
    p_kind text, p_new text, p_job bigint, p_namespace text, p_fence bigint, p_attempt text, OUT held boolean, OUT backup backups
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    job jobs;
    store stores;
BEGIN
    held := holds_lease(p_namespace, p_fence, p_attempt);
    IF NOT held THEN
        RETURN;
    END IF;
    SELECT * INTO job FROM jobs j WHERE j.id = p_job;
    SELECT * INTO store FROM stores s WHERE s.id = job.store_id FOR NO KEY UPDATE;
    IF job.kind = 'backup' THEN
        UPDATE backups b SET status = 'running', finished_at = NULL, failure_code = NULL, failure = NULL, generation = job.generation,
            engine_version = store.engine_version, chart_version = data_version(store), admin_revision = store.admin_revision, host = store.host
         WHERE b.id = job.backup_id AND b.status <> 'done' RETURNING b.* INTO backup;
        IF NOT FOUND THEN
            SELECT * INTO backup FROM backups b WHERE b.id = job.backup_id;
        END IF;
        RETURN;
    END IF;
    SELECT * INTO backup FROM backups b
     WHERE b.job_id = p_job AND b.kind = p_kind AND b.generation = job.generation AND b.status <> 'failed' ORDER BY b.created_at DESC LIMIT 1;
    IF NOT FOUND THEN
        INSERT INTO backups AS b (id, store_id, kind, job_id, generation, engine_version, chart_version, admin_revision, host)
        VALUES (p_new, store.id, p_kind, p_job, job.generation, store.engine_version, data_version(store), store.admin_revision, store.host)
        RETURNING b.* INTO backup;
    END IF;
END $$;

-- What became of a backup: p_failure_code NULL: it is done. One that has ended already stays as it is.
-- Locks: the namespace's lease, the store, the row.
-- Returns: whether the attempt holds the namespace; if it does not, nothing was written.
CREATE OR REPLACE FUNCTION end_backup(
    p_backup text, p_store text, p_namespace text, p_fence bigint, p_attempt text,
    p_snapshot text, p_files text, p_database_bytes bigint, p_file_bytes bigint, p_added_bytes bigint, p_products integer, p_orders integer,
    p_products_after integer, p_orders_after integer, p_failure_code text, p_failure text
) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF NOT holds_lease(p_namespace, p_fence, p_attempt) THEN
        RETURN false;
    END IF;
    UPDATE stores s SET last_backup_at = clock_timestamp(), fence = p_fence
     WHERE s.id = p_store AND p_failure_code IS NULL
       AND EXISTS (SELECT 1 FROM backups b WHERE b.id = p_backup AND b.store_id = p_store AND b.status = 'running');
    UPDATE backups b SET status = CASE WHEN p_failure_code IS NULL THEN 'done' ELSE 'failed' END, finished_at = clock_timestamp(),
        snapshot = p_snapshot, files = p_files, database_bytes = p_database_bytes, file_bytes = p_file_bytes, added_bytes = p_added_bytes,
        products = p_products, orders = p_orders, products_after = p_products_after, orders_after = p_orders_after,
        failure_code = p_failure_code, failure = p_failure
     WHERE b.id = p_backup AND b.store_id = p_store AND b.status = 'running';
    RETURN true;
END $$;

-- Whether somebody waits for a backup: a restore or an export of it is queued or runs, or an upgrade that may go back to it; one of these
-- has left its store half done; or a new store is to be filled with it.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION is_backup_needed(p_backup text) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT EXISTS (SELECT 1 FROM stores s WHERE s.restored_from = p_backup AND s.first_ready_at IS NULL AND s.deleted_at IS NULL)
        OR EXISTS (SELECT 1 FROM jobs j JOIN stores s ON s.id = j.store_id
                    WHERE (j.kind <> 'backup' OR j.export_id IS NOT NULL) AND j.backup_id = p_backup AND s.deleted_at IS NULL
                      AND (j.state IN ('queued', 'running') OR j.kind <> 'backup' AND (half_restored(s.id) OR half_upgraded(s.id))))
$$;

-- Forgets those of the backups that nobody needs. From then on nobody can choose them, and their snapshots may be removed: what somebody
-- chose before is kept, since both take the backup's row.
-- Locks: the namespace's lease, the store, the rows.
-- Returns: whether the attempt holds the namespace; if it does, the backups whose snapshots the repository is to keep.
CREATE OR REPLACE FUNCTION forget_backups(
    p_backups text[], p_store text, p_namespace text, p_fence bigint, p_attempt text, OUT held boolean, OUT kept text[]
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    held := holds_lease(p_namespace, p_fence, p_attempt);
    IF NOT held THEN
        RETURN;
    END IF;
    PERFORM 1 FROM stores s WHERE s.id = p_store FOR NO KEY UPDATE;
    PERFORM 1 FROM backups b WHERE b.id = ANY (p_backups) AND b.store_id = p_store ORDER BY b.id FOR UPDATE;
    -- A statement of its own: it sees what others wrote until it had the rows.
    DELETE FROM backups b WHERE b.id = ANY (p_backups) AND b.store_id = p_store AND b.status <> 'running' AND NOT is_backup_needed(b.id);
    SELECT array_agg(b.id ORDER BY b.id) INTO kept FROM backups b WHERE b.store_id = p_store AND b.status <> 'failed';
END $$;

-- What became of the repository's upkeep: p_damage NULL: it was checked, and holds what is kept and nothing else; else what the check
-- found.
-- Locks: the namespace's lease, the store.
-- Returns: whether the attempt holds the namespace; if it does not, nothing was written.
CREATE OR REPLACE FUNCTION end_upkeep(p_store text, p_namespace text, p_fence bigint, p_attempt text, p_damage text) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF NOT holds_lease(p_namespace, p_fence, p_attempt) THEN
        RETURN false;
    END IF;
    UPDATE stores s SET checked_at = clock_timestamp(), check_failure = p_damage, fence = p_fence,
        pruned_at = CASE WHEN p_damage IS NULL THEN clock_timestamp() ELSE s.pruned_at END
     WHERE s.id = p_store;
    RETURN true;
END $$;

-- Forgets the backups of a deleted store and the key to them, once nothing holds them any more; the repository is gone by then.
-- Locks: the store, its rows.
-- Returns: whether they were to go.
CREATE OR REPLACE FUNCTION purge_backups(p_store text) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM 1 FROM stores s
     WHERE s.id = p_store AND s.deleted_at IS NOT NULL AND (s.kept_until IS NULL OR s.kept_until <= clock_timestamp()) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE stores s SET kept_until = NULL, repository_bytes = 0
     WHERE s.id = p_store AND (s.kept_until IS NOT NULL OR s.repository_bytes > 0);
    DELETE FROM backups b WHERE b.store_id = p_store;
    DELETE FROM backup_keys k WHERE k.store_id = p_store;
    RETURN true;
END $$;

-- When a job has ended, so has every backup that it was to take, and every export that it was to make. Of a backup's job that never began
-- no row is left.
-- Locks: the rows, which nobody else writes.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION close_backups() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    DELETE FROM backups b WHERE b.job_id = NEW.id AND b.status = 'running' AND NEW.kind = 'backup' AND NEW.attempt = 0;
    UPDATE backups b SET status = 'failed', finished_at = clock_timestamp(),
        failure_code = CASE NEW.state WHEN 'cancelled' THEN 'cancelled' ELSE 'task-failed' END,
        failure = coalesce(NEW.error, CASE NEW.state WHEN 'cancelled' THEN 'The backup was cancelled.' ELSE 'Its job ended without it.' END)
     WHERE b.job_id = NEW.id AND b.status = 'running';
    UPDATE exports e SET status = 'failed', finished_at = clock_timestamp(),
        failure_code = CASE NEW.state WHEN 'cancelled' THEN 'cancelled' ELSE 'task-failed' END,
        failure = coalesce(NEW.error, CASE NEW.state WHEN 'cancelled' THEN 'The export was cancelled.' ELSE 'Its job ended without it.' END)
     WHERE e.job_id = NEW.id AND e.status = 'running';
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER jobs_close_backups AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (NEW.kind <> 'provision' AND NEW.state NOT IN ('queued', 'running') AND OLD.state IN ('queued', 'running'))
    EXECUTE FUNCTION close_backups();
