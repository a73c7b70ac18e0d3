-- Accepting a retry. p_visible_to: whose the store has to be; NULL: anybody's.
-- The settings: see claim_jobs.sql.

-- Repeats what failed: a failed deletion is retried as a deletion, a restore as that restore, anything else as a provision. A ready store whose objects were
-- removed from the cluster outside Store Weaver is provisioned again. Of a ready store whose last change was not made, the change is tried
-- again, and the store stays ready. p_take_over: Helm is to set fields that another manager has set.
-- What was rendered for a store that was never ready is forgotten, so that other settings of the workers count.
-- p_role, p_unit_limit: see units_short.
-- Locks: the store's unfinished jobs, the store; store_usage if it is to count otherwise.
-- Returns: outcome accepted, not_failed, unit_limit (with the units that are used and allowed) or not_found; the job, its kind, and the store
-- as it is now.
CREATE OR REPLACE FUNCTION retry_store(
    p_id text, p_visible_to text, p_traceparent text, p_take_over boolean DEFAULT false, p_role text DEFAULT NULL, p_unit_limit integer DEFAULT NULL,
    OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT used integer, OUT allowed integer, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    deletes boolean := false;
    last jobs;
    kept store_specs;
    waiting bigint;
BEGIN
    store := lock_store(p_id, p_visible_to);
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF store.status = 'ready' AND EXISTS (
        SELECT 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND j.kind = 'restore') THEN
        outcome := 'not_failed';
        RETURN;
    ELSIF store.status = 'ready' AND store.drift IS NOT NULL THEN
        -- A change that waits becomes the retry; one that runs will find out by itself.
        SELECT j.id INTO waiting FROM jobs j WHERE j.store_id = p_id AND j.state = 'queued' AND j.class = 1 AND j.kind <> 'backup';
        IF EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = p_id AND j.state = 'running' AND j.kind <> 'backup') THEN
            outcome := 'not_failed';
            RETURN;
        END IF;
        UPDATE stores s SET status = 'failed', error_message = store.health_cause WHERE s.id = p_id RETURNING s.* INTO store;
    ELSIF store.status = 'ready' AND store.change_error IS NOT NULL THEN
        SELECT * INTO kept FROM store_specs g WHERE g.store_id = p_id AND g.generation = store.generation;
        SELECT r.used, r.allowed INTO used, allowed FROM units_short(store, kept, p_role, p_unit_limit) r;
        IF allowed IS NOT NULL THEN
            outcome := 'unit_limit';
            RETURN;
        END IF;
        accepted_kind := 'apply';
        accepted_job := queue_change(store, kept, store.pinned, kept.from_files, NULL, p_traceparent, 1, p_take_over);
        SELECT * INTO store FROM stores s WHERE s.id = p_id;
        outcome := 'accepted';
        RETURN;
    ELSIF store.status <> 'failed' THEN
        outcome := 'not_failed';
        RETURN;
    ELSE
        SELECT * INTO last FROM jobs j WHERE j.store_id = p_id AND j.kind <> 'backup' ORDER BY j.id DESC LIMIT 1;
        deletes := coalesce(last.kind = 'delete', false);
    END IF;
    PERFORM cancel_nightly(p_id);
    accepted_kind := CASE WHEN last.kind IN ('delete', 'restore') THEN last.kind ELSE 'retry' END;
    IF waiting IS NOT NULL THEN
        UPDATE jobs j SET kind = 'retry', takes_over = p_take_over, run_after = clock_timestamp() WHERE j.id = waiting;
        accepted_job := waiting;
    ELSE
        INSERT INTO jobs (store_id, kind, class, namespace, owner, traceparent, takes_over, wants_final, keep_days, backup_id, generation, phase)
        VALUES (p_id, accepted_kind, CASE WHEN deletes THEN 0 ELSE 1 END, store.namespace, store.owner, p_traceparent, p_take_over AND NOT deletes,
                deletes AND last.wants_final AND final_is_due(store), CASE WHEN deletes THEN last.keep_days ELSE 0 END,
                CASE accepted_kind WHEN 'restore' THEN last.backup_id END, store.generation,
                CASE WHEN half_restored(p_id) THEN 'restoring' END)
        RETURNING id INTO accepted_job;
    END IF;
    IF NOT deletes AND store.first_ready_at IS NULL THEN
        -- What is to be filled with a backup keeps the room for it.
        UPDATE store_specs g SET values = NULL, version = NULL, storage_class = NULL, host = NULL,
            database_mib = CASE WHEN store.restored_from IS NOT NULL THEN g.database_mib END,
            uploads_mib = CASE WHEN store.restored_from IS NOT NULL THEN g.uploads_mib END
         WHERE g.store_id = p_id AND g.generation = store.generation;
        UPDATE stores s SET version = NULL, storage_class = NULL, host = NULL,
            database_mib = CASE WHEN s.restored_from IS NOT NULL THEN s.database_mib END,
            uploads_mib = CASE WHEN s.restored_from IS NOT NULL THEN s.uploads_mib END
         WHERE s.id = p_id;
    END IF;
    UPDATE stores s SET
        status = CASE WHEN deletes THEN 'deleting' ELSE 'provisioning' END,
        error_message = NULL, failed_step = NULL, failed_step_error = NULL, job_id = accepted_job,
        namespace_created_at = CASE WHEN deletes THEN s.namespace_created_at END,
        secrets_generated_at = CASE WHEN deletes THEN s.secrets_generated_at END,
        database_ready_at = CASE WHEN deletes THEN s.database_ready_at END,
        app_deployed_at = CASE WHEN deletes THEN s.app_deployed_at END,
        ingress_ready_at = CASE WHEN deletes THEN s.ingress_ready_at END
     WHERE s.id = p_id RETURNING s.* INTO store;
    outcome := 'accepted';
END $$;
