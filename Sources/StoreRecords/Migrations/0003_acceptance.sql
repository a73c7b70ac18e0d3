-- Accepting a request is one function call, so one transaction and one round trip.
-- Each returns what became of the request (`outcome`), the job that was made, and the store as it is now.

-- outcome: accepted | repeated | key_reused | total_limit | user_limit
CREATE FUNCTION create_store(
    p_id text, p_name text, p_engine text, p_owner text, p_namespace text, p_suffixed text,
    p_total_limit integer, p_user_limit integer, p_key text, p_digest text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT used integer, OUT store stores
) LANGUAGE plpgsql AS $$
DECLARE
    known idempotency_keys;
    candidate text;
BEGIN
    IF p_key IS NOT NULL THEN
        INSERT INTO idempotency_keys AS k (owner, key, body_digest, store_id)
        VALUES (coalesce(p_owner, ''), p_key, p_digest, p_id)
        ON CONFLICT (owner, key) DO UPDATE
            SET body_digest = excluded.body_digest, store_id = excluded.store_id, created_at = clock_timestamp()
            WHERE k.created_at < clock_timestamp() - interval '24 hours';
        IF NOT FOUND THEN
            SELECT * INTO known FROM idempotency_keys k WHERE k.owner = coalesce(p_owner, '') AND k.key = p_key;
            outcome := CASE WHEN known.body_digest = p_digest THEN 'repeated' ELSE 'key_reused' END;
            SELECT * INTO store FROM stores s WHERE s.id = known.store_id;
            RETURN;
        END IF;
    END IF;

    SELECT u.used INTO used FROM store_usage u WHERE u.scope = 'total' FOR UPDATE;
    IF used >= p_total_limit THEN
        outcome := 'total_limit';
    ELSIF p_owner IS NOT NULL THEN
        SELECT u.used INTO used FROM store_usage u WHERE u.scope = 'user:' || p_owner FOR UPDATE;
        IF coalesce(used, 0) >= p_user_limit THEN
            outcome := 'user_limit';
        END IF;
    END IF;
    IF outcome IS NOT NULL THEN
        -- A refusal is no result to repeat: the caller may try the key again when there is room.
        DELETE FROM idempotency_keys k WHERE k.owner = coalesce(p_owner, '') AND k.key = p_key AND k.store_id = p_id;
        RETURN;
    END IF;

    FOREACH candidate IN ARRAY ARRAY[p_namespace, p_suffixed] LOOP
        INSERT INTO stores AS s (id, name, engine, status, namespace, owner)
        VALUES (p_id, p_name, p_engine, 'provisioning', candidate, p_owner)
        ON CONFLICT (namespace) WHERE deleted_at IS NULL DO NOTHING
        RETURNING s.* INTO store;
        EXIT WHEN FOUND;
    END LOOP;
    IF store.id IS NULL THEN
        RAISE EXCEPTION 'namespaces % and % are both taken', p_namespace, p_suffixed USING ERRCODE = 'SW004';
    END IF;
    INSERT INTO jobs (store_id, kind, namespace, owner, traceparent)
    VALUES (p_id, 'provision', store.namespace, p_owner, p_traceparent) RETURNING id INTO accepted_job;
    outcome := 'accepted';
END $$;

-- Repeats what failed: a failed delete is retried as a delete, never as a provision.
-- outcome: accepted | not_failed | not_found
CREATE FUNCTION retry_store(
    p_id text, p_visible_to text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT store stores
) LANGUAGE plpgsql AS $$
DECLARE
    deletes boolean;
BEGIN
    SELECT * INTO store FROM stores s
     WHERE s.id = p_id AND s.deleted_at IS NULL AND (p_visible_to IS NULL OR s.owner = p_visible_to) FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF store.status <> 'failed' THEN
        outcome := 'not_failed';
        RETURN;
    END IF;
    SELECT j.kind = 'delete' INTO deletes FROM jobs j WHERE j.store_id = p_id ORDER BY j.id DESC LIMIT 1;
    deletes := coalesce(deletes, false);
    accepted_kind := CASE WHEN deletes THEN 'delete' ELSE 'retry' END;
    INSERT INTO jobs (store_id, kind, namespace, owner, traceparent)
    VALUES (p_id, accepted_kind, store.namespace, store.owner, p_traceparent) RETURNING id INTO accepted_job;
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

-- What still waits is cancelled at once; what runs is asked to stop, and the delete follows it in the namespace's order.
-- outcome: accepted | already_deleting | not_found
CREATE FUNCTION delete_store(
    p_id text, p_visible_to text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT stopped bigint[], OUT store stores
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running') ORDER BY j.id FOR UPDATE;
    SELECT * INTO store FROM stores s
     WHERE s.id = p_id AND s.deleted_at IS NULL AND (p_visible_to IS NULL OR s.owner = p_visible_to) FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF store.status = 'deleting' THEN
        outcome := 'already_deleting';
        RETURN;
    END IF;
    WITH asked AS (
        UPDATE jobs j SET
            cancel_requested_at = clock_timestamp(),
            state = CASE j.state WHEN 'queued' THEN 'cancelled' ELSE j.state END,
            finished_at = CASE j.state WHEN 'queued' THEN clock_timestamp() END
         WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND j.kind <> 'delete' RETURNING j.id)
    SELECT array_agg(asked.id) INTO stopped FROM asked;
    INSERT INTO jobs (store_id, kind, namespace, owner, traceparent)
    VALUES (p_id, 'delete', store.namespace, store.owner, p_traceparent) RETURNING id INTO accepted_job;
    UPDATE stores s SET status = 'deleting', error_message = NULL, job_id = accepted_job WHERE s.id = p_id RETURNING s.* INTO store;
    outcome := 'accepted';
END $$;
