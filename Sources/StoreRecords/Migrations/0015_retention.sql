-- What is old enough goes, so that no table grows for ever. How old that is, the workers' settings say.

CREATE INDEX store_history_by_age ON store_history (at);
CREATE INDEX health_history_by_age ON health_history (at);
CREATE INDEX audit_by_age ON audit (at);
CREATE INDEX stores_deleted ON stores (deleted_at) WHERE deleted_at IS NOT NULL;

-- Whatever the settings say, nobody takes away what is younger than 90 days.
DROP TRIGGER audit_is_append_only ON audit;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit FOR EACH ROW
    WHEN (OLD.at > clock_timestamp() - interval '90 days') EXECUTE FUNCTION refuse_change();

-- Stores that were deleted so long ago, once their jobs and their history are gone. How many.
CREATE FUNCTION forget_stores(p_before timestamptz, p_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    gone text[];
BEGIN
    SELECT array_agg(o.id) INTO gone FROM (
        SELECT s.id FROM stores s
         WHERE s.deleted_at < p_before
           AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id)
           AND NOT EXISTS (SELECT 1 FROM store_history h WHERE h.store_id = s.id)
           AND NOT EXISTS (SELECT 1 FROM health_history h WHERE h.store_id = s.id)
         ORDER BY s.deleted_at LIMIT p_most FOR UPDATE SKIP LOCKED) o;
    DELETE FROM store_events WHERE store_id = ANY (gone);
    DELETE FROM attempts WHERE store_id = ANY (gone);
    DELETE FROM stores WHERE id = ANY (gone);
    RETURN coalesce(cardinality(gone), 0);
END $$;
