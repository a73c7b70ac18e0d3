-- The lease of a namespace, while an attempt runs.
-- The settings: see claim_jobs.sql.

-- Renews the lease until p_lease seconds from now.
-- Locks: the namespace's lease.
-- Returns: whether the job is to stop; NULL when the lease is lost.
CREATE OR REPLACE FUNCTION renew_lease(p_namespace text, p_fence bigint, p_attempt text, p_job bigint, p_lease double precision)
RETURNS boolean LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    WITH held AS (
        UPDATE namespace_leases SET expires_at = clock_timestamp() + seconds(p_lease)
         WHERE namespace = p_namespace AND fence = p_fence AND attempt_id = p_attempt AND expires_at > clock_timestamp()
        RETURNING 1)
    SELECT j.cancel_requested_at IS NOT NULL FROM jobs j, held WHERE j.id = p_job
$$;

-- The condition of every write that an attempt makes.
-- Locks: the namespace's lease, until the transaction ends: nobody takes it over meanwhile.
-- Returns: whether this attempt holds the namespace.
CREATE OR REPLACE FUNCTION holds_lease(p_namespace text, p_fence bigint, p_attempt text) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM 1 FROM namespace_leases
     WHERE namespace = p_namespace AND fence = p_fence AND attempt_id = p_attempt AND expires_at > clock_timestamp()
       FOR NO KEY UPDATE;
    RETURN FOUND;
END $$;
