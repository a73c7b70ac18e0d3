-- What everything that is asked for a store begins with.
-- The settings: see claim_jobs.sql.

-- Locks a store that is not deleted, for who is to change it. p_visible_to: who asks, and has to be p_least of it: viewer, manager or owner;
-- NULL: anybody. Each function that is asked for by people says here what they have to be. The hidden store of a test restore is there for
-- nobody.
-- Locks: the store's unfinished jobs, then the store.
-- Returns: the store; a row of NULLs where there is none.
CREATE OR REPLACE FUNCTION lock_store(p_id text, p_visible_to text, p_least text) RETURNS stores LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    found stores := lock_any_store(p_id);
BEGIN
    IF found.verification OR NOT is_open_to(found, p_visible_to, p_least) THEN
        found := NULL;
    END IF;
    RETURN found;
END $$;

-- The same of every store that is not deleted, also of a hidden one.
-- Locks: as lock_store.
-- Returns: the same.
CREATE OR REPLACE FUNCTION lock_any_store(p_id text) RETURNS stores LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    found stores;
BEGIN
    PERFORM 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running') ORDER BY j.id FOR UPDATE;
    SELECT * INTO found FROM stores s WHERE s.id = p_id AND s.deleted_at IS NULL FOR UPDATE;
    RETURN found;
END $$;
