-- Stores that rollouts leave alone for a while.
-- The settings: see claim_jobs.sql.

-- Pins a store to its version until p_until; NULL: not any more. p_visible_to: see lock_store.
-- Locks: as lock_store.
-- Returns: outcome pinned, unpinned or not_found; the store.
CREATE OR REPLACE FUNCTION pin_store(p_id text, p_visible_to text, p_until timestamptz, OUT outcome text, OUT store stores) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    store := lock_store(p_id, p_visible_to, 'manager');
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    UPDATE stores s SET pinned = p_until IS NOT NULL, pinned_until = p_until WHERE s.id = p_id RETURNING s.* INTO store;
    outcome := CASE WHEN p_until IS NULL THEN 'unpinned' ELSE 'pinned' END;
END $$;

-- Ends the pins whose time has passed.
-- Locks: the stores, by ascending id.
-- Returns: how many.
CREATE OR REPLACE FUNCTION end_pins() RETURNS integer LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    ended text[];
BEGIN
    SELECT array_agg(o.id) INTO ended FROM (
        SELECT s.id FROM stores s WHERE s.pinned_until <= clock_timestamp() AND s.deleted_at IS NULL ORDER BY s.id FOR NO KEY UPDATE) o;
    UPDATE stores s SET pinned = false, pinned_until = NULL WHERE s.id = ANY (ended);
    RETURN coalesce(cardinality(ended), 0);
END $$;
