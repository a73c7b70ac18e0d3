-- Creates that come at the same time, in one transaction: the total's row is locked and the log is flushed once for all of them.
-- The arrays have an element for each; '' stands for NULL. Each is written into the audit where its actor is told.
-- outcome as of create_store; an error of one is everybody's, who are then asked for one by one.
CREATE FUNCTION create_stores(
    p_ids text[], p_names text[], p_engines text[], p_owners text[], p_roles text[], p_namespaces text[], p_suffixed text[],
    p_total_limit integer, p_user_limit integer, p_keys text[], p_digests text[], p_traceparents text[],
    p_actors text[], p_sources text[], p_addresses text[]
) RETURNS TABLE (outcome text, accepted_job bigint, used integer, user_limit integer, store stores) LANGUAGE plpgsql AS $$
DECLARE
    made record;
BEGIN
    -- Before any idempotency key: two groups with the same keys in another order would wait for each other.
    IF cardinality(p_ids) > 1 THEN
        PERFORM 1 FROM store_usage u WHERE u.scope = 'total' FOR UPDATE;
    END IF;
    FOR i IN 1 .. cardinality(p_ids) LOOP
        user_limit := store_quota(nullif(p_owners[i], ''), p_roles[i], p_user_limit);
        SELECT * INTO made FROM create_store(
            p_ids[i], p_names[i], p_engines[i], nullif(p_owners[i], ''), p_namespaces[i], p_suffixed[i],
            p_total_limit, user_limit, nullif(p_keys[i], ''), nullif(p_digests[i], ''), nullif(p_traceparents[i], ''));
        outcome := made.outcome;
        accepted_job := made.accepted_job;
        used := made.used;
        store := made.store;
        IF p_actors[i] <> '' THEN
            INSERT INTO audit (actor, source, action, target, detail, address, outcome)
            VALUES (p_actors[i], p_sources[i], 'store.create', coalesce((made.store).id, p_names[i]), made.outcome, nullif(p_addresses[i], ''),
                    CASE WHEN made.outcome IN ('accepted', 'repeated') THEN 'done' ELSE 'refused' END);
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
