-- What the cluster says, how it fares, what each attempt did, and how people hear of every change.

-- A duty's term grows with each new holder; what a former holder still writes under its own is refused.
ALTER TABLE duty_leases ADD COLUMN term bigint NOT NULL DEFAULT 1;

ALTER TABLE stores
    -- After ready: how the shop fares, since when, and why it is not well. NULL while there is no shop to speak of.
    ADD COLUMN health        text CHECK (health IN ('healthy', 'degraded', 'unknown')),
    ADD COLUMN health_since  timestamptz,
    ADD COLUMN health_cause  text,
    -- What another hand took away: the whole namespace, or the release's workloads.
    ADD COLUMN drift         text CHECK (drift IN ('namespace', 'release')),
    -- The kind of failure, e.g. 'image-pull'; error_message is its text for people.
    ADD COLUMN failure_cause text,
    -- When the watcher last saw something new. A write that sets it is an observation and leaves updated_at alone.
    ADD COLUMN observed_at   timestamptz,
    -- The transaction of the last change: by it a reader that was away asks for what it missed, without a gap.
    ADD COLUMN changed       xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE OR REPLACE FUNCTION guard_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.fence < OLD.fence THEN
        RAISE EXCEPTION 'stale fence % for store % (now %)', NEW.fence, OLD.id, OLD.fence USING ERRCODE = 'SW001';
    END IF;
    IF OLD.deleted_at IS NOT NULL THEN
        RAISE EXCEPTION 'store % is deleted', OLD.id USING ERRCODE = 'SW002';
    END IF;
    IF NOT store_status_may_become(OLD.status, NEW.status) THEN
        RAISE EXCEPTION 'store % may not go from % to %', OLD.id, OLD.status, NEW.status USING ERRCODE = 'SW003';
    END IF;
    NEW.changed := pg_current_xact_id();
    IF NEW.observed_at IS NOT DISTINCT FROM OLD.observed_at THEN
        NEW.updated_at := clock_timestamp();
    END IF;
    IF NEW.status <> 'ready' THEN
        NEW.health := NULL;
        NEW.health_cause := NULL;
        NEW.drift := NULL;
    ELSIF OLD.status <> 'ready' THEN
        -- The attempt that made it ready has just seen it sell.
        NEW.health := 'healthy';
        NEW.health_cause := NULL;
        NEW.drift := NULL;
    END IF;
    IF NEW.health IS DISTINCT FROM OLD.health THEN
        NEW.health_since := CASE WHEN NEW.health IS NOT NULL THEN clock_timestamp() END;
    END IF;
    IF NEW.status NOT IN ('failed', OLD.status) THEN
        NEW.failure_cause := NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE TABLE health_history (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id    text NOT NULL REFERENCES stores (id),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    from_health text,
    to_health   text,
    cause       text
);
CREATE INDEX health_history_of_store ON health_history (store_id, id DESC);

CREATE FUNCTION follow_health() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO health_history (store_id, from_health, to_health, cause) VALUES (NEW.id, OLD.health, NEW.health, NEW.health_cause);
    RETURN NULL;
END $$;
CREATE TRIGGER stores_follow_health AFTER UPDATE ON stores FOR EACH ROW
    WHEN (OLD.health IS DISTINCT FROM NEW.health) EXECUTE FUNCTION follow_health();

-- News for the APIs, which tell the browsers: 's:' the row of a store, 'd:' what stands in its detail only, 'l:' its build log.
-- News only says where to look; whoever missed it looks at the rows.
CREATE FUNCTION tell_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 's:' || NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER stores_tell AFTER INSERT OR UPDATE ON stores FOR EACH ROW EXECUTE FUNCTION tell_store();

CREATE FUNCTION tell_detail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 'd:' || NEW.store_id);
    RETURN NULL;
END $$;

CREATE FUNCTION tell_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('store_changes', 'l:' || NEW.store_id);
    RETURN NULL;
END $$;

-- Only the watcher writes snapshots; what they held of the release has a table of its own.
DELETE FROM store_snapshots;
ALTER TABLE store_snapshots DROP COLUMN fence, ADD COLUMN term bigint NOT NULL;
CREATE TRIGGER snapshots_tell AFTER INSERT OR UPDATE ON store_snapshots FOR EACH ROW EXECUTE FUNCTION tell_detail();

-- What only the attempt that installs it may read: the release's manifest, redacted, and which Secrets there are.
CREATE TABLE store_releases (
    store_id text PRIMARY KEY REFERENCES stores (id),
    fence    bigint NOT NULL,
    manifest text,
    -- The JSON of [ResourceSummary].
    secrets  jsonb NOT NULL
);
CREATE TRIGGER releases_tell AFTER INSERT OR UPDATE ON store_releases FOR EACH ROW EXECUTE FUNCTION tell_detail();

-- What each attempt at a job did, found and came to. Opened and closed by the job's own changes of state.
CREATE TABLE attempts (
    fence      bigint PRIMARY KEY,
    store_id   text NOT NULL REFERENCES stores (id),
    job_id     bigint NOT NULL,
    kind       text NOT NULL,
    number     integer NOT NULL,
    worker     text,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz,
    -- succeeded | failed | cancelled | handed-back | vanished; NULL while it runs.
    outcome    text CHECK (outcome IN ('succeeded', 'failed', 'cancelled', 'handed-back', 'vanished')),
    message    text,
    cause      text,
    -- What the cluster said, as it said it: states of pods, conditions, events, last log lines.
    evidence   jsonb
);
CREATE INDEX attempts_of_store ON attempts (store_id, fence DESC);

-- The build log: lines of workers and of Helm, by attempt and stage.
ALTER TABLE store_events
    ADD COLUMN fence  bigint,
    ADD COLUMN stage  text,
    ADD COLUMN source text NOT NULL DEFAULT 'worker' CHECK (source IN ('worker', 'helm'));
CREATE INDEX store_events_of_attempt ON store_events (fence, id);
CREATE TRIGGER events_tell AFTER INSERT ON store_events FOR EACH ROW EXECUTE FUNCTION tell_log();

CREATE FUNCTION follow_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    oldest bigint;
BEGIN
    IF OLD.state = 'running' AND NEW.state <> 'running' THEN
        UPDATE attempts SET ended_at = clock_timestamp(), message = NEW.error,
            outcome = CASE WHEN NEW.reclaims > OLD.reclaims THEN 'vanished'
                           WHEN NEW.state <> 'queued' THEN NEW.state
                           WHEN NEW.attempt < OLD.attempt THEN 'handed-back'
                           ELSE 'failed' END
         WHERE fence = OLD.fence;
    ELSIF NEW.state = 'running' AND OLD.state <> 'running' THEN
        INSERT INTO attempts (fence, store_id, job_id, kind, number, worker)
        VALUES (NEW.fence, NEW.store_id, NEW.id, NEW.kind, NEW.attempt, NEW.worker);
        -- A store keeps its last twenty, with their logs.
        SELECT fence INTO oldest FROM attempts WHERE store_id = NEW.store_id ORDER BY fence DESC OFFSET 20 LIMIT 1;
        IF FOUND THEN
            DELETE FROM attempts WHERE store_id = NEW.store_id AND fence <= oldest;
            DELETE FROM store_events WHERE store_id = NEW.store_id AND coalesce(fence, 0) <= oldest;
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_follow_attempt AFTER UPDATE OF state ON jobs FOR EACH ROW EXECUTE FUNCTION follow_attempt();

-- Once a store is gone, nothing is shown of it any more.
CREATE FUNCTION forget_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM store_snapshots WHERE store_id = NEW.id;
    DELETE FROM store_releases WHERE store_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER stores_forget AFTER UPDATE OF deleted_at ON stores FOR EACH ROW
    WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION forget_store();

-- What the watcher saw, of many stores at once: [{"id", "body", "replicas", "podsRunning", "podRestarts", "engineVersion",
-- "health", "cause", "drift"}]. False when its term is over: the row is locked, so no other term begins meanwhile.
CREATE FUNCTION observe_stores(p_holder text, p_term bigint, p_seen jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM duty_leases WHERE duty = 'watch' AND holder = p_holder AND term = p_term AND expires_at > clock_timestamp() FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM stores WHERE id IN (SELECT o.id FROM jsonb_to_recordset(p_seen) AS o (id text)) ORDER BY id FOR NO KEY UPDATE;

    INSERT INTO store_snapshots AS n (store_id, taken_at, term, body)
    SELECT o.id, clock_timestamp(), p_term, o.body FROM jsonb_to_recordset(p_seen) AS o (id text, body jsonb)
      JOIN stores s ON s.id = o.id AND s.deleted_at IS NULL
    ON CONFLICT (store_id) DO UPDATE SET taken_at = excluded.taken_at, term = excluded.term, body = excluded.body
        WHERE n.body IS DISTINCT FROM excluded.body;

    UPDATE stores s SET replicas = o.replicas, pods_running = o."podsRunning", pod_restarts = o."podRestarts",
        engine_version = coalesce(o."engineVersion", s.engine_version), observed_at = clock_timestamp(),
        health = coalesce(o.health, s.health),
        health_cause = CASE WHEN o.health IS NULL THEN s.health_cause ELSE o.cause END,
        drift = CASE WHEN o.health IS NULL THEN s.drift ELSE o.drift END
      FROM jsonb_to_recordset(p_seen) AS o (
        id text, replicas integer, "podsRunning" integer, "podRestarts" integer, "engineVersion" text, health text, cause text, drift text)
     WHERE s.id = o.id AND s.deleted_at IS NULL
       AND ((s.replicas, s.pods_running, s.pod_restarts) IS DISTINCT FROM (o.replicas, o."podsRunning", o."podRestarts")
            OR s.engine_version IS DISTINCT FROM coalesce(o."engineVersion", s.engine_version)
            OR (s.status = 'ready' AND o.health IS NOT NULL
                AND (s.health, s.health_cause, s.drift) IS DISTINCT FROM (o.health, o.cause, o.drift)));
    RETURN true;
END $$;

-- The watcher sees nothing any more: of no shop can it be said how it fares.
CREATE FUNCTION lose_sight(p_holder text, p_term bigint, p_cause text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM duty_leases WHERE duty = 'watch' AND holder = p_holder AND term = p_term AND expires_at > clock_timestamp() FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM stores WHERE status = 'ready' AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE;
    UPDATE stores SET health = 'unknown', health_cause = p_cause, observed_at = clock_timestamp()
     WHERE status = 'ready' AND deleted_at IS NULL AND health IS DISTINCT FROM 'unknown';
    RETURN true;
END $$;

-- As before, and for a store that is ready but of which another hand took something: a retry makes it anew.
-- outcome: accepted | not_failed | not_found
CREATE OR REPLACE FUNCTION retry_store(
    p_id text, p_visible_to text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT store stores
) LANGUAGE plpgsql AS $$
DECLARE
    deletes boolean;
BEGIN
    SELECT * INTO store FROM stores s
     WHERE s.id = p_id AND s.deleted_at IS NULL AND (p_visible_to IS NULL OR s.owner = p_visible_to) FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF store.status = 'ready' AND store.drift IS NOT NULL THEN
        UPDATE stores s SET status = 'failed', error_message = s.health_cause WHERE s.id = p_id RETURNING s.* INTO store;
        deletes := false;
    ELSIF store.status <> 'failed' THEN
        outcome := 'not_failed';
        RETURN;
    ELSE
        SELECT j.kind = 'delete' INTO deletes FROM jobs j WHERE j.store_id = p_id ORDER BY j.id DESC LIMIT 1;
        deletes := coalesce(deletes, false);
    END IF;
    accepted_kind := CASE WHEN deletes THEN 'delete' ELSE 'retry' END;
    INSERT INTO jobs (store_id, kind, namespace, owner, traceparent)
    VALUES (p_id, accepted_kind, store.namespace, store.owner, p_traceparent) RETURNING id INTO accepted_job;
    UPDATE stores s SET
        status = CASE WHEN deletes THEN 'deleting' ELSE 'provisioning' END,
        error_message = NULL, failed_step = NULL, failed_step_error = NULL, job_id = accepted_job,
        namespace_created_at = CASE WHEN deletes THEN s.namespace_created_at END,
        secrets_generated_at = CASE WHEN deletes THEN s.secrets_generated_at END,
        database_ready_at = CASE WHEN deletes THEN s.database_ready_at END,
        app_deployed_at = CASE WHEN deletes THEN s.app_deployed_at END,
        ingress_ready_at = CASE WHEN deletes THEN s.ingress_ready_at END
     WHERE s.id = p_id RETURNING s.* INTO store;
    outcome := 'accepted';
END $$;
