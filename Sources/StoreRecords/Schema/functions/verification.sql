-- Test restores: a hidden store is made of a backup as a copy is, and removed again, however that ends.
-- The settings: see claim_jobs.sql.

-- Makes the hidden store p_store, which is filled with the backup, and the job that makes it, of the background. p_next: when the store
-- that the backup is of is tested next; NULL: that stays.
-- Locks: the store that the backup is of, the backup.
-- Returns: outcome accepted, running (another test is under way), not_done (the backup is not) or no_backup (it is not there, or of a store
-- that is not); of accepted the job and the hidden store.
CREATE OR REPLACE FUNCTION begin_verification(
    p_backup text, p_store text, p_namespace text, p_next timestamptz, OUT outcome text, OUT accepted_job bigint, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    backup backups;
    origin stores;
BEGIN
    -- The store first, as upkeep does, which removes backups.
    SELECT s.* INTO origin FROM stores s WHERE s.id = (SELECT b.store_id FROM backups b WHERE b.id = p_backup) AND s.deleted_at IS NULL FOR NO KEY UPDATE;
    SELECT * INTO backup FROM backups b WHERE b.id = p_backup FOR KEY SHARE;
    IF backup.id IS NULL OR origin.id IS NULL THEN
        outcome := 'no_backup';
        RETURN;
    ELSIF backup.status <> 'done' THEN
        outcome := 'not_done';
        RETURN;
    END IF;
    INSERT INTO stores AS s (id, name, engine, status, namespace, plan, weight, restored_from, staging, verification,
                             admin_revision, database_mib, uploads_mib)
    VALUES (p_store, 'Test restore', origin.engine, 'provisioning', p_namespace, origin.plan, store_weight(origin.plan, false), p_backup, true, true,
            backup.admin_revision + 1, origin.database_mib, origin.uploads_mib)
    ON CONFLICT DO NOTHING RETURNING s.* INTO store;
    IF store.id IS NULL THEN
        outcome := 'running';
        RETURN;
    END IF;
    INSERT INTO jobs (store_id, kind, class, namespace) VALUES (p_store, 'provision', 2, store.namespace) RETURNING id INTO accepted_job;
    UPDATE stores s SET verify_at = p_next WHERE s.id = origin.id AND p_next IS NOT NULL;
    outcome := 'accepted';
END $$;

-- What has become of a hidden store: where its test has ended, which is when it is ready, has failed, or took longer than p_patience
-- seconds, that is noted with the backup and its store, and the hidden store is deleted with all that it has. A test fails by what the
-- attempt found the backup to be (the hidden store's verify_error), or by what came after all was loaded; anything else only kept it from
-- being made. A failed test is repeated after a day, one that could not be made after an hour. A deletion that failed is repeated after
-- ten minutes.
-- Locks: the hidden store's unfinished jobs, the hidden store; then the store that the backup is of, and the backup.
-- Returns: outcome done, failed, untried, waits (for its making or its removal), removed (again: its deletion had failed) or gone; the
-- backup; why it failed or could not be made; where the store is deleted now, the job that does it and those that were cancelled or asked
-- to stop, and the store.
CREATE OR REPLACE FUNCTION end_verification(
    p_store text, p_patience double precision,
    OUT outcome text, OUT backup text, OUT reason text, OUT accepted_job bigint, OUT stopped bigint[], OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    last jobs;
    deletion record;
BEGIN
    store := lock_any_store(p_store);
    IF store.id IS NULL OR NOT store.verification THEN
        outcome := 'gone';
        RETURN;
    END IF;
    backup := store.restored_from;
    SELECT * INTO last FROM jobs j WHERE j.store_id = p_store ORDER BY j.id DESC LIMIT 1;
    outcome := CASE
        WHEN store.status = 'ready' THEN 'done'
        WHEN store.status = 'failed' AND last.kind IS DISTINCT FROM 'delete'
          OR store.status = 'provisioning' AND store.created_at < clock_timestamp() - seconds(p_patience) THEN
            CASE WHEN store.verify_error IS NOT NULL
                   OR (last.phase = 'opening' AND last.state <> 'cancelled' AND last.reclaims < last.max_reclaims) THEN 'failed' ELSE 'untried' END
        WHEN store.status = 'failed' AND last.finished_at < clock_timestamp() - interval '10 minutes' THEN 'removed'
        ELSE 'waits' END;
    IF outcome = 'waits' THEN
        RETURN;
    END IF;
    IF outcome IN ('failed', 'untried') THEN
        reason := coalesce(store.verify_error, store.error_message, CASE WHEN last.started_at IS NULL THEN 'Its job did not begin in time.' END,
                           'The test did not end in its time.');
    END IF;
    IF outcome = 'untried' THEN
        UPDATE stores s SET verify_at = least(s.verify_at, clock_timestamp() + interval '1 hour')
          FROM backups b WHERE b.id = backup AND s.id = b.store_id AND s.deleted_at IS NULL;
        UPDATE backups b SET untested = reason WHERE b.id = backup;
    ELSIF outcome <> 'removed' THEN
        UPDATE stores s SET verify_error = reason, verified_at = CASE outcome WHEN 'done' THEN clock_timestamp() ELSE s.verified_at END,
            verify_at = CASE outcome WHEN 'failed' THEN least(s.verify_at, clock_timestamp() + interval '1 day') ELSE s.verify_at END
          FROM backups b WHERE b.id = backup AND s.id = b.store_id AND s.deleted_at IS NULL;
        UPDATE backups b SET verify_error = reason, verified_at = CASE outcome WHEN 'done' THEN clock_timestamp() ELSE b.verified_at END, untested = NULL
         WHERE b.id = backup;
    END IF;
    SELECT * INTO deletion FROM queue_deletion(store, NULL, false, 0);
    accepted_job := deletion.accepted_job;
    stopped := deletion.stopped;
    store := deletion.store;
END $$;
