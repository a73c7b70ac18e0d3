-- Notifications, which programs get as News. They only say where to look: a listener that missed some reads the rows. Channel
-- `store_changes` is for the APIs, which tell browsers, and for the watcher: 's:' and a store's id for its row, 'd:' and the id for the
-- rest of its detail, 'l:' and the id for its build log, 'c:' and a log request's id for a new chunk. after_insert_stores notifies of
-- new stores.

-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notify_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 's:' || NEW.id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stores_notify AFTER UPDATE ON stores FOR EACH ROW EXECUTE FUNCTION notify_store();

-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notify_detail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 'd:' || NEW.store_id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER snapshots_notify AFTER INSERT OR UPDATE ON store_snapshots FOR EACH ROW EXECUTE FUNCTION notify_detail();
CREATE OR REPLACE TRIGGER releases_notify AFTER INSERT OR UPDATE ON store_releases FOR EACH ROW EXECUTE FUNCTION notify_detail();

-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notify_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 'l:' || NEW.store_id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER events_notify AFTER INSERT ON store_events FOR EACH ROW EXECUTE FUNCTION notify_log();

-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notify_log_chunk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 'c:' || NEW.request_id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER log_chunks_notify AFTER INSERT ON log_chunks FOR EACH ROW EXECUTE FUNCTION notify_log_chunk();

-- Channel `log_requests` is for workers, which read pods' logs: the request's id.
-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notify_log_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('log_requests', NEW.id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER log_requests_notify AFTER INSERT ON log_requests FOR EACH ROW EXECUTE FUNCTION notify_log_request();

-- Channel `worker_drains` is for workers: the name of the one that is drained, or no longer is.
-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION notify_drain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('worker_drains', coalesce(NEW.worker, OLD.worker));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER worker_drains_notify AFTER INSERT OR DELETE ON worker_drains FOR EACH ROW EXECUTE FUNCTION notify_drain();
