-- Notifications. They only say where to look: a listener that missed some reads the rows. Channel `store_changes` is for the APIs, which
-- tell browsers: 's:' and a store's id for its row, 'd:' and the id for the rest of its detail, 'l:' and the id for its build log, 'c:' and a
-- log request's id for a new chunk. begin_stores notifies of new stores.

-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION tell_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 's:' || NEW.id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stores_tell AFTER UPDATE ON stores FOR EACH ROW EXECUTE FUNCTION tell_store();

-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION tell_detail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 'd:' || NEW.store_id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER snapshots_tell AFTER INSERT OR UPDATE ON store_snapshots FOR EACH ROW EXECUTE FUNCTION tell_detail();
CREATE OR REPLACE TRIGGER releases_tell AFTER INSERT OR UPDATE ON store_releases FOR EACH ROW EXECUTE FUNCTION tell_detail();

-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION tell_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 'l:' || NEW.store_id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER events_tell AFTER INSERT ON store_events FOR EACH ROW EXECUTE FUNCTION tell_log();

-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION tell_log_chunk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 'c:' || NEW.request_id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER log_chunks_tell AFTER INSERT ON log_chunks FOR EACH ROW EXECUTE FUNCTION tell_log_chunk();

-- Channel `log_requests` is for workers, which read pods' logs: the request's id.
-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION tell_log_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('log_requests', NEW.id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER log_requests_tell AFTER INSERT ON log_requests FOR EACH ROW EXECUTE FUNCTION tell_log_request();

-- Channel `worker_drains` is for workers: the name of the one that is drained, or no longer is.
-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION tell_drain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('worker_drains', coalesce(NEW.worker, OLD.worker));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER worker_drains_tell AFTER INSERT OR DELETE ON worker_drains FOR EACH ROW EXECUTE FUNCTION tell_drain();
