-- Accepting backups.
-- The settings: see claim_jobs.sql.

-- Makes a backup's row and its job. A nightly one is tried several times; of one that somebody asked for they are told at once that it
-- failed. The caller has locked the store's unfinished jobs, and the store.
-- Locks: the rows that it writes.
-- Returns: the job.
CREATE OR REPLACE FUNCTION queue_backup(store stores, p_backup text, p_kind text, p_traceparent text) RETURNS bigint LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    job bigint;
BEGIN
    INSERT INTO jobs (store_id, kind, class, namespace, owner, traceparent, backup_id, max_attempts)
    VALUES (store.id, 'backup', CASE p_kind WHEN 'nightly' THEN 2 ELSE 1 END, store.namespace, store.owner, p_traceparent, p_backup,
            CASE p_kind WHEN 'nightly' THEN 5 ELSE 1 END)
    RETURNING id INTO job;
    UPDATE stores s SET activity = 'backing-up' WHERE s.id = store.id AND s.status = 'ready' AND s.activity IS NULL;
    INSERT INTO backups (id, store_id, kind, job_id, engine_version, chart_version, admin_revision, host)
    VALUES (p_backup, store.id, p_kind, job, store.engine_version, data_version(store), store.admin_revision, store.host);
    RETURN job;
END $$;

-- What somebody asks for does not wait for a nightly backup of the same store that is still queued: that is cancelled, and due again. The
-- caller has locked the store's unfinished jobs, and the store.
-- Locks: the rows that it writes.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION cancel_nightly(p_store text) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    gone jobs;
BEGIN
    UPDATE jobs j SET state = 'cancelled', cancel_requested_at = clock_timestamp(), finished_at = clock_timestamp(),
        error = 'Something was asked for the store; the backup follows later.'
     WHERE j.store_id = p_store AND j.kind = 'backup' AND j.class = 2 AND j.state = 'queued' RETURNING * INTO gone;
    IF FOUND THEN
        UPDATE stores s SET next_backup_at = clock_timestamp() WHERE s.id = p_store;
        PERFORM end_backing_up(gone);
    END IF;
END $$;

-- Accepts a backup that somebody asks for. p_visible_to: see lock_store. p_backup: the new row's id. p_limit:
-- how many there may be within 24 hours.
-- Locks: the store's unfinished jobs, the store.
-- Returns: outcome accepted, running (`backup` is queued or runs, or its job is at its end), too_many, not_ready (there is no data, or none
-- that is whole), or not_found; of accepted the job; the backup; the store.
CREATE OR REPLACE FUNCTION request_backup(
    p_id text, p_visible_to text, p_backup text, p_limit integer, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT backup backups, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    store := lock_store(p_id, p_visible_to, 'manager');
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF store.first_ready_at IS NULL OR store.status = 'deleting' OR store.drift = 'namespace' OR half_restored(p_id) THEN
        outcome := 'not_ready';
        RETURN;
    END IF;
    -- Of an export the backup that it is of.
    SELECT b.* INTO backup FROM jobs j JOIN backups b ON b.store_id = p_id AND (b.job_id = j.id OR (j.kind = 'backup' AND b.id = j.backup_id))
     WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND (b.status = 'running' OR j.kind = 'backup')
       AND NOT (j.class = 2 AND j.state = 'queued')
     ORDER BY b.created_at DESC LIMIT 1;
    IF FOUND THEN
        outcome := 'running';
        RETURN;
    END IF;
    IF (SELECT count(*) FROM backups b WHERE b.store_id = p_id AND b.kind = 'manual' AND b.created_at > clock_timestamp() - interval '24 hours')
        >= p_limit THEN
        outcome := 'too_many';
        RETURN;
    END IF;
    PERFORM cancel_nightly(p_id);
    accepted_job := queue_backup(store, p_backup, 'manual', p_traceparent);
    SELECT * INTO backup FROM backups b WHERE b.id = p_backup;
    SELECT * INTO store FROM stores s WHERE s.id = p_id;
    outcome := 'accepted';
END $$;

-- Queues the backup that has been due since p_due, as it is noted with the store, and notes p_next. p_due NULL: no time was noted.
-- Locks: the store's unfinished jobs, the store.
-- Returns: outcome accepted, or left: the store is not due any more, or something else is to be done with it first; of accepted the job and
-- the store.
CREATE OR REPLACE FUNCTION queue_nightly(
    p_id text, p_backup text, p_due timestamptz, p_next timestamptz, OUT outcome text, OUT accepted_job bigint, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    store := lock_store(p_id, NULL, 'owner');
    IF store.id IS NULL OR store.status <> 'ready' OR store.next_backup_at IS DISTINCT FROM p_due
        OR EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running')) THEN
        outcome := 'left';
        RETURN;
    END IF;
    accepted_job := queue_backup(store, p_backup, 'nightly', NULL);
    UPDATE stores s SET next_backup_at = p_next WHERE s.id = p_id RETURNING s.* INTO store;
    outcome := 'accepted';
END $$;
