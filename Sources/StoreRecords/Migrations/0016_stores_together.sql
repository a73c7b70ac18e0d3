-- Creates that come together, with one statement for each table, as 0014 has it for attempts: what a statement and its triggers cost before the first
-- row is paid once for all of them. Stores and jobs in a migration each: nobody who has one of the two tables waits for the other.

-- What follows a store's or a job's beginning is written for all rows of a statement at once; what follows a change stays with each row.
CREATE FUNCTION begin_stores() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
    -- 'total' before any user's, those in their order: two transactions cannot wait for each other.
    INSERT INTO store_usage (scope, used)
    SELECT 'total', count(*) FROM made WHERE made.status <> 'deleting' AND made.deleted_at IS NULL HAVING count(*) > 0
    ON CONFLICT (scope) DO UPDATE SET used = store_usage.used + excluded.used;
    INSERT INTO store_usage (scope, used)
    SELECT 'user:' || made.owner, count(*) FROM made
     WHERE made.owner IS NOT NULL AND made.status <> 'deleting' AND made.deleted_at IS NULL GROUP BY made.owner ORDER BY made.owner
    ON CONFLICT (scope) DO UPDATE SET used = store_usage.used + excluded.used;
    INSERT INTO store_history (store_id, to_status, job_id, fence, message)
    SELECT made.id, CASE WHEN made.deleted_at IS NULL THEN made.status ELSE 'deleted' END, made.job_id, made.fence, made.error_message FROM made;
    PERFORM pg_notify('store_changes', 's:' || made.id) FROM made;
    RETURN NULL;
END $$;
DROP TRIGGER stores_follow ON stores;
DROP TRIGGER stores_tell ON stores;
CREATE TRIGGER stores_begin AFTER INSERT ON stores REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION begin_stores();
CREATE TRIGGER stores_follow AFTER UPDATE OF status, deleted_at ON stores FOR EACH ROW EXECUTE FUNCTION follow_store();
CREATE TRIGGER stores_tell AFTER UPDATE ON stores FOR EACH ROW EXECUTE FUNCTION tell_store();
