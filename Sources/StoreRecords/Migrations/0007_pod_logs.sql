-- Pods' logs on request: an API writes what it wants, one worker takes it and writes what it reads. Neither needs to outlive a crash.

CREATE UNLOGGED TABLE log_requests (
    id           text PRIMARY KEY,
    store_id     text NOT NULL,
    namespace    text NOT NULL,
    -- NULL: the shop's own.
    container    text,
    tail         integer NOT NULL CHECK (tail BETWEEN 0 AND 5000),
    follows      boolean NOT NULL,
    -- The API puts it off for as long as its client is there.
    wanted_until timestamptz NOT NULL,
    worker       text
);

CREATE UNLOGGED TABLE log_chunks (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id text NOT NULL REFERENCES log_requests (id) ON DELETE CASCADE,
    -- The JSON of StoreDomain.PodLogChunk.
    body       text NOT NULL
);
CREATE INDEX log_chunks_of_request ON log_chunks (request_id, id);

CREATE FUNCTION tell_log_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('log_requests', NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER log_requests_tell AFTER INSERT ON log_requests FOR EACH ROW EXECUTE FUNCTION tell_log_request();

CREATE FUNCTION tell_log_chunk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 'c:' || NEW.request_id);
    RETURN NULL;
END $$;
CREATE TRIGGER log_chunks_tell AFTER INSERT ON log_chunks FOR EACH ROW EXECUTE FUNCTION tell_log_chunk();
