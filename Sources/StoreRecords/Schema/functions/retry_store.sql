-- Accepting a retry. p_visible_to: see lock_store.
-- The settings: see claim_jobs.sql.

-- A store begins to be made once more, by that job: what came of the last time is over.
-- Locks: the store.
-- Returns: the store as it is now.
CREATE OR REPLACE FUNCTION begin_anew(p_store text, p_job bigint) RETURNS stores LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE stores s SET status = 'provisioning', error_message = NULL, failed_step = NULL, failed_step_error = NULL, job_id = p_job,
        namespace_created_at = NULL, secrets_generated_at = NULL, database_ready_at = NULL, app_deployed_at = NULL, ingress_ready_at = NULL
     WHERE s.id = p_store RETURNING s.*
$$;

-- What was rendered for a store that was never ready is forgotten, so that other settings of the workers count. What is to be filled with a backup
-- keeps the room for it.
-- Locks: the row of store_specs, the store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION forget_rendered(p_store text) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE stores s SET version = NULL, storage_class = NULL, host = CASE WHEN NOT s.verification THEN host_of(s.namespace) END,
        database_mib = CASE WHEN coalesce(s.restored_from, s.imported_from) IS NOT NULL THEN s.database_mib END,
        uploads_mib = CASE WHEN coalesce(s.restored_from, s.imported_from) IS NOT NULL THEN s.uploads_mib END
     WHERE s.id = p_store AND s.first_ready_at IS NULL;
    UPDATE store_specs g SET values = NULL, (version, storage_class, host, database_mib, uploads_mib) = (
        s.version, s.storage_class, s.host, s.database_mib, s.uploads_mib)
      FROM stores s WHERE s.id = p_store AND s.first_ready_at IS NULL AND g.store_id = s.id AND g.generation = s.generation
$$;

-- Repeats what failed: a failed deletion is retried as a deletion, a restore as that restore, an upgrade that was to go back as the restore of
-- its backup, one that was not proved yet from there on, anything else as a provision. A ready store
-- of whose release something was removed outside Store Weaver is provisioned again, with the data that it has. Of a ready store whose last
-- change was not made, the change is tried again, and the store stays ready. p_take_over: Helm is to set fields that another manager has
-- set. p_recreate: what the store had is lost with its namespace or a volume, and an empty one is made in its place; without it, none is.
-- p_role, p_unit_limit: see units_short.
-- Locks: the store's unfinished jobs, the store; store_usage if it is to count otherwise.
-- Returns: outcome accepted, not_failed, lost (it can only be recreated or restored), not_lost (it cannot be recreated), busy (another job
-- of it runs), unit_limit (with the units that are used and allowed) or not_found; the job, its kind, and the store as it is now.
CREATE OR REPLACE FUNCTION retry_store(
    p_id text, p_visible_to text, p_traceparent text, p_take_over boolean DEFAULT false, p_role text DEFAULT NULL, p_unit_limit integer DEFAULT NULL,
    p_recreate boolean DEFAULT false,
    OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT used integer, OUT allowed integer, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    deletes boolean := false;
    last jobs;
    kept store_specs;
    waiting bigint;
    half boolean;
    upgrades boolean;
BEGIN
    store := lock_store(p_id, p_visible_to, CASE WHEN p_recreate THEN 'owner' ELSE 'manager' END);
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF p_recreate AND NOT (store.status = 'ready' AND coalesce(store.drift = 'namespace', false)
        OR store.status = 'failed' AND coalesce(store.failure_cause = 'data-lost', false) AND NOT half_restored(p_id)
            AND (last_job(p_id)).kind <> 'delete') THEN
        outcome := 'not_lost';
        RETURN;
    ELSIF NOT p_recreate AND store.status = 'ready' AND store.drift = 'namespace' THEN
        outcome := 'lost';
        RETURN;
    ELSIF store.status = 'ready' AND EXISTS (
        SELECT 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND j.kind = 'restore') THEN
        outcome := CASE WHEN p_recreate THEN 'busy' ELSE 'not_failed' END;
        RETURN;
    ELSIF store.status = 'ready' AND store.drift IS NOT NULL THEN
        -- A change that waits becomes the retry; one that runs will find out by itself.
        SELECT j.id INTO waiting FROM jobs j WHERE j.store_id = p_id AND j.state = 'queued' AND j.class = 1 AND j.kind <> 'backup';
        IF EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = p_id AND j.state = 'running' AND j.kind <> 'backup') THEN
            outcome := CASE WHEN p_recreate THEN 'busy' ELSE 'not_failed' END;
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
        last := last_job(p_id);
        deletes := coalesce(last.kind = 'delete', false);
    END IF;
    PERFORM cancel_nightly(p_id);
    half := half_restored(p_id) AND NOT deletes;
    upgrades := half_upgraded(p_id) AND NOT deletes AND NOT p_recreate;
    accepted_kind := CASE WHEN p_recreate THEN 'retry' WHEN half THEN 'restore' WHEN last.kind IN ('delete', 'restore') THEN last.kind ELSE 'retry' END;
    IF waiting IS NOT NULL THEN
        UPDATE jobs j SET kind = 'retry', takes_over = p_take_over, recreates = p_recreate, run_after = clock_timestamp() WHERE j.id = waiting;
        accepted_job := waiting;
    ELSE
        INSERT INTO jobs (store_id, kind, class, namespace, owner, traceparent, takes_over, recreates, wants_final, keep_days, backup_id, generation, phase)
        VALUES (p_id, accepted_kind, CASE WHEN deletes THEN 0 ELSE 1 END, store.namespace, store.owner, p_traceparent, p_take_over AND NOT deletes,
                -- What failed half-way is repeated as it was asked for.
                p_recreate OR coalesce(last.kind = 'retry' AND last.state <> 'succeeded' AND last.recreates, false),
                deletes AND last.wants_final AND final_is_due(store), CASE WHEN deletes THEN last.keep_days ELSE 0 END,
                CASE WHEN accepted_kind = 'restore' OR upgrades THEN last.backup_id END, store.generation,
                CASE WHEN half THEN 'restoring' WHEN upgrades THEN 'upgrading' END)
        RETURNING id INTO accepted_job;
    END IF;
    IF deletes THEN
        UPDATE stores s SET status = 'deleting', error_message = NULL, failed_step = NULL, failed_step_error = NULL, job_id = accepted_job
         WHERE s.id = p_id RETURNING s.* INTO store;
    ELSE
        PERFORM forget_rendered(p_id);
        store := begin_anew(p_id, accepted_job);
    END IF;
    outcome := 'accepted';
END $$;
