-- Stores whose namespace was lost with the cluster.
-- The settings: see claim_jobs.sql.

-- What was kept of a store last.
-- Locks: nothing.
-- Returns: the newest backup of it that is done; a row of NULLs where there is none.
CREATE OR REPLACE FUNCTION newest_backup(p_store text) RETURNS backups LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT b.* FROM backups b WHERE b.store_id = p_store AND b.status = 'done' ORDER BY b.created_at DESC LIMIT 1
$$;

-- Queues the restore of a store whose namespace is known to be gone, of its newest backup, as a background job. What was queued for the
-- store and would make it empty, or fail, is cancelled: the restore makes what the store is to be. Asked again it changes nothing.
-- Locks: the store's unfinished jobs, the store.
-- Returns: outcome accepted, restoring (a restore is queued or runs already), busy (another job runs), new (it was never ready: there is
-- nothing to bring back, and its own job makes it), deleting (its deletion is queued or failed), no_backup or not_found; of accepted the
-- job; the backup; the store.
CREATE OR REPLACE FUNCTION recover_store(p_id text, OUT outcome text, OUT accepted_job bigint, OUT backup backups, OUT store stores) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    unfinished jobs;
    last text;
    restored record;
BEGIN
    store := lock_store(p_id, NULL, 'owner');
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    backup := newest_backup(p_id);
    SELECT * INTO unfinished FROM jobs j
     WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND j.kind <> 'backup' ORDER BY j.state = 'running' DESC, j.id LIMIT 1;
    last := (last_job(p_id)).kind;
    outcome := CASE
        WHEN store.first_ready_at IS NULL THEN 'new'
        WHEN unfinished.kind = 'restore' THEN 'restoring'
        WHEN unfinished.kind = 'delete' OR store.status = 'deleting' OR (store.status = 'failed' AND last = 'delete') THEN 'deleting'
        WHEN unfinished.state = 'running' THEN 'busy'
        WHEN backup.id IS NULL THEN 'no_backup'
    END;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    BEGIN
        PERFORM cancel_job(j.id, 'The store is recovered from a backup instead.')
           FROM jobs j WHERE j.store_id = p_id AND j.state = 'queued' AND j.kind <> 'backup';
        UPDATE stores s SET drift = 'namespace' WHERE s.id = p_id AND s.status = 'ready';
        SELECT * INTO restored FROM restore_store(p_id, NULL, backup.id, NULL) r;
        outcome := restored.outcome;
        IF outcome <> 'accepted' THEN
            RAISE EXCEPTION 'the restore is refused: %', outcome USING ERRCODE = 'SW009';
        END IF;
    EXCEPTION WHEN SQLSTATE 'SW009' THEN
        -- What was queued stays queued.
        RETURN;
    END;
    UPDATE jobs j SET class = 2 WHERE j.id = restored.accepted_job;
    accepted_job := restored.accepted_job;
    store := restored.store;
END $$;
