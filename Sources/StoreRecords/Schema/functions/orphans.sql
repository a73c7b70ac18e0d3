-- What operators do with namespaces that the cluster has and the records do not know.

-- Holds the lease of a namespace that no store has, for p_lease seconds, while an operator's command removes it. An attempt that wants it waits.
-- Locks: the namespace's lease.
-- Returns: the fence; NULL when an attempt holds the namespace or a store has it.
CREATE OR REPLACE FUNCTION hold_orphan_namespace(p_namespace text, p_holder text, p_attempt text, p_lease double precision) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    granted bigint;
BEGIN
    INSERT INTO namespace_leases (namespace) VALUES (p_namespace) ON CONFLICT DO NOTHING;
    PERFORM 1 FROM namespace_leases WHERE namespace = p_namespace AND expires_at <= clock_timestamp() FOR UPDATE;
    IF NOT FOUND OR EXISTS (SELECT 1 FROM stores WHERE namespace = p_namespace AND deleted_at IS NULL) THEN
        RETURN NULL;
    END IF;
    UPDATE namespace_leases SET fence = nextval('fences'), attempt_id = p_attempt, job_id = NULL, worker = p_holder,
        expires_at = clock_timestamp() + seconds(p_lease)
     WHERE namespace = p_namespace RETURNING fence INTO granted;
    RETURN granted;
END $$;

-- Makes the records of a store that runs in the cluster, as after a restore from an older backup. It counts as once ready, so it is never
-- reinstalled from nothing; the job, a retry, finds it and makes it ready. Quotas do not matter.
-- Locks: store_usage 'total', then the owner's, by triggers.
-- Returns: outcome adopted, known (a store of this id is or was there) or taken (another store has the namespace); the store and its job.
CREATE OR REPLACE FUNCTION adopt_store(
    p_id text, p_name text, p_engine text, p_owner text, p_namespace text,
    OUT outcome text, OUT accepted_job bigint, OUT store stores
) LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM stores s WHERE s.id = p_id) THEN
        outcome := 'known';
        RETURN;
    END IF;
    INSERT INTO stores AS s (id, name, engine, status, namespace, owner, first_ready_at)
    VALUES (p_id, p_name, p_engine, 'provisioning', p_namespace, p_owner, clock_timestamp())
    ON CONFLICT DO NOTHING RETURNING s.* INTO store;
    IF NOT FOUND THEN
        outcome := 'taken';
        RETURN;
    END IF;
    INSERT INTO jobs (store_id, kind, namespace, owner) VALUES (p_id, 'retry', p_namespace, p_owner) RETURNING id INTO accepted_job;
    UPDATE stores s SET job_id = accepted_job WHERE s.id = p_id RETURNING s.* INTO store;
    outcome := 'adopted';
END $$;
