-- Accepting a retry, and a new administrator's password, which is a retry of a ready store. p_visible_to: whose the store has to be; NULL:
-- anybody's.
-- The settings: see claim_jobs.sql.

-- Repeats what failed: a failed deletion is retried as a deletion, anything else as a provision. A ready store whose objects were
-- removed from the cluster outside Store Weaver, or whose last change was not made, is provisioned again. p_take_over: Helm is to set
-- fields that another manager has set.
-- Locks: the store.
-- Returns: outcome accepted, not_failed or not_found; the job, its kind, and the store as it is now.
CREATE OR REPLACE FUNCTION retry_store(
    p_id text, p_visible_to text, p_traceparent text, p_take_over boolean DEFAULT false,
    OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    deletes boolean;
BEGIN
    SELECT * INTO store FROM stores s
     WHERE s.id = p_id AND s.deleted_at IS NULL AND (p_visible_to IS NULL OR s.owner = p_visible_to) FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF store.status = 'ready' AND (store.drift IS NOT NULL OR store.change_error IS NOT NULL) THEN
        UPDATE stores s SET status = 'failed', error_message = coalesce(store.change_error, store.health_cause) WHERE s.id = p_id
        RETURNING s.* INTO store;
        deletes := false;
    ELSIF store.status <> 'failed' THEN
        outcome := 'not_failed';
        RETURN;
    ELSE
        SELECT j.kind = 'delete' INTO deletes FROM jobs j WHERE j.store_id = p_id ORDER BY j.id DESC LIMIT 1;
        deletes := coalesce(deletes, false);
    END IF;
    accepted_kind := CASE WHEN deletes THEN 'delete' ELSE 'retry' END;
    INSERT INTO jobs (store_id, kind, namespace, owner, traceparent, takes_over)
    VALUES (p_id, accepted_kind, store.namespace, store.owner, p_traceparent, p_take_over AND NOT deletes) RETURNING id INTO accepted_job;
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

-- Provisions a ready store again with the next number of administrator's passwords.
-- Locks: the store.
-- Returns: outcome accepted, not_ready or not_found; the job, and the store as it is now.
CREATE OR REPLACE FUNCTION renew_administrator(
    p_id text, p_visible_to text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    SELECT * INTO store FROM stores s
     WHERE s.id = p_id AND s.deleted_at IS NULL AND (p_visible_to IS NULL OR s.owner = p_visible_to) FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
    ELSIF store.status <> 'ready' THEN
        outcome := 'not_ready';
    ELSE
        -- Through failed: the state machine has no other way from ready to provisioning.
        UPDATE stores s SET status = 'failed', error_message = 'A new password was asked for.', admin_revision = s.admin_revision + 1 WHERE s.id = p_id;
        SELECT r.outcome, r.accepted_job INTO outcome, accepted_job FROM retry_store(p_id, p_visible_to, p_traceparent) r;
        SELECT * INTO store FROM stores s WHERE s.id = p_id;
    END IF;
END $$;
