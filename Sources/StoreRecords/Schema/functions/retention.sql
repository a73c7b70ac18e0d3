-- Rows that go by their age.

-- Removes stores that were deleted before p_before, at most p_most, once their jobs, their history and their backups are gone.
-- Locks: the stores' rows; skips those that somebody else holds.
-- Returns: how many it removed.
CREATE OR REPLACE FUNCTION purge_stores(p_before timestamptz, p_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    gone text[];
BEGIN
    SELECT array_agg(o.id) INTO gone FROM (
        SELECT s.id FROM stores s
         WHERE s.deleted_at < p_before
           AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id)
           AND NOT EXISTS (SELECT 1 FROM store_history h WHERE h.store_id = s.id)
           AND NOT EXISTS (SELECT 1 FROM health_history h WHERE h.store_id = s.id)
           AND NOT EXISTS (SELECT 1 FROM backups b WHERE b.store_id = s.id)
           AND NOT EXISTS (SELECT 1 FROM backup_keys k WHERE k.store_id = s.id)
           AND NOT EXISTS (SELECT 1 FROM exports e WHERE e.store_id = s.id)
         ORDER BY s.deleted_at LIMIT p_most FOR UPDATE SKIP LOCKED) o;
    DELETE FROM store_events WHERE store_id = ANY (gone);
    DELETE FROM attempts WHERE store_id = ANY (gone);
    DELETE FROM store_specs WHERE store_id = ANY (gone);
    DELETE FROM rollout_stores WHERE store_id = ANY (gone);
    DELETE FROM store_members WHERE store_id = ANY (gone);
    DELETE FROM store_invitations WHERE store_id = ANY (gone);
    DELETE FROM stores WHERE id = ANY (gone);
    RETURN coalesce(cardinality(gone), 0);
END $$;
