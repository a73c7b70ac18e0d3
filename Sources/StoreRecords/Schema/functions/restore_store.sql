-- Accepting a restore.
-- The settings: see claim_jobs.sql.

-- Queues the job that replaces a store's data by a backup's. p_visible_to: see lock_store. The backup is the
-- store's own, or, where its owner asks, of another of theirs with the same engine, also a deleted one. A ready store stays ready meanwhile, with the
-- activity 'restoring'; a failed one becomes provisioning, as does one whose objects were removed from the cluster. It is no new
-- generation, and none is accepted before it has ended.
-- Locks: the store's unfinished jobs, the store, the backup.
-- Returns: outcome accepted, busy (another job changes the store), not_ready (there is nothing to restore into), no_backup, not_done
-- (`backup` is not), or not_found; of accepted the job; the backup; the store.
CREATE OR REPLACE FUNCTION restore_store(
    p_id text, p_visible_to text, p_backup text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT backup backups, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    half boolean;
BEGIN
    store := lock_store(p_id, p_visible_to, 'manager');
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    SELECT b.* INTO backup FROM backups b JOIN stores o ON o.id = b.store_id
     WHERE b.id = p_backup AND (o.deleted_at IS NULL OR o.kept_until > clock_timestamp())
       AND (o.id = p_id OR o.engine = store.engine AND o.owner IS NOT DISTINCT FROM store.owner AND is_open_to(o, p_visible_to, 'owner'))
       FOR KEY SHARE OF b;
    IF NOT FOUND THEN
        outcome := 'no_backup';
    ELSIF backup.status <> 'done' THEN
        outcome := 'not_done';
    ELSIF EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND j.kind <> 'backup') THEN
        outcome := 'busy';
    ELSIF store.status NOT IN ('ready', 'failed') OR store.first_ready_at IS NULL OR (store.status = 'failed' AND (last_job(p_id)).kind = 'delete') THEN
        outcome := 'not_ready';
    END IF;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM cancel_nightly(p_id);
    -- What an earlier restore left half done stays so until this one is done, whatever becomes of it.
    half := half_restored(p_id);
    INSERT INTO jobs (store_id, kind, namespace, owner, traceparent, backup_id, generation, phase)
    VALUES (p_id, 'restore', store.namespace, store.owner, p_traceparent, p_backup, store.generation, CASE WHEN half THEN 'restoring' END)
    RETURNING id INTO accepted_job;
    IF store.status = 'ready' AND store.drift IS NULL THEN
        UPDATE stores s SET activity = 'restoring', change_error_code = NULL, change_error = NULL, change_error_at = NULL
         WHERE s.id = p_id RETURNING s.* INTO store;
    ELSE
        UPDATE stores s SET status = 'failed', error_message = store.health_cause WHERE s.id = p_id AND s.status = 'ready';
        store := begin_anew(p_id, accepted_job);
    END IF;
    outcome := 'accepted';
END $$;
