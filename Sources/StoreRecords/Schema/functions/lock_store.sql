-- What everything that is asked for a store begins with.
-- The settings: see claim_jobs.sql.

-- Locks a store that is not deleted, for who is to change it. p_visible_to: whose it has to be; NULL: anybody's.
-- Locks: the store's unfinished jobs, then the store.
-- Returns: the store; a row of NULLs where there is none.
CREATE OR REPLACE FUNCTION lock_store(p_id text, p_visible_to text) RETURNS stores LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    found stores;
BEGIN
    PERFORM 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running') ORDER BY j.id FOR UPDATE;
    SELECT * INTO found FROM stores s
     WHERE s.id = p_id AND s.deleted_at IS NULL AND (p_visible_to IS NULL OR s.owner = p_visible_to) FOR UPDATE;
    RETURN found;
END $$;
