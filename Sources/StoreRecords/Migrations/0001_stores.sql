-- What people own: stores, what workers saw of them, and their history.

CREATE TABLE stores (
    id                      text PRIMARY KEY CHECK (id ~ '^[a-f][0-9a-f]{11}$'),
    name                    text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    engine                  text NOT NULL CHECK (engine IN ('woocommerce', 'medusa')),
    status                  text NOT NULL CHECK (status IN ('provisioning', 'ready', 'failed', 'deleting')),
    namespace               text NOT NULL CHECK (namespace ~ '^store-[a-z0-9]([a-z0-9-]*[a-z0-9])?$' AND length(namespace) <= 63),
    owner                   text CHECK (length(owner) BETWEEN 1 AND 200),
    url                     text,
    error_message           text,
    engine_version          text,
    created_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    provisioning_started_at timestamptz,
    -- When it last became ready, and when it first did: a store that was ever ready is never reinstalled from nothing.
    ready_at                timestamptz,
    first_ready_at          timestamptz,
    -- Set once its namespace is really gone; the row stays for the audit.
    deleted_at              timestamptz,
    -- The five provisioning steps: when each was completed, and which one failed why.
    namespace_created_at    timestamptz,
    secrets_generated_at    timestamptz,
    database_ready_at       timestamptz,
    app_deployed_at         timestamptz,
    ingress_ready_at        timestamptz,
    failed_step             text CHECK (failed_step IN ('namespace', 'secrets', 'database', 'app', 'ingress')),
    failed_step_error       text,
    replicas                integer NOT NULL DEFAULT 0 CHECK (replicas >= 0),
    pods_running            integer NOT NULL DEFAULT 0 CHECK (pods_running >= 0),
    pod_restarts            integer NOT NULL DEFAULT 0 CHECK (pod_restarts >= 0),
    -- The highest fence that ever wrote this row, and the job that last changed its status.
    fence                   bigint NOT NULL DEFAULT 0,
    job_id                  bigint
) WITH (fillfactor = 80);

-- A namespace belongs to one living store.
CREATE UNIQUE INDEX stores_namespace_key ON stores (namespace) WHERE deleted_at IS NULL;
CREATE INDEX stores_newest ON stores (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX stores_newest_of_owner ON stores (owner, created_at DESC, id DESC) WHERE deleted_at IS NULL;

-- How many stores count toward each quota: scope 'total' or 'user:<owner>'. Kept by a trigger, so that it cannot drift.
CREATE TABLE store_usage (
    scope text PRIMARY KEY,
    used  integer NOT NULL CHECK (used >= 0)
) WITH (fillfactor = 50);
INSERT INTO store_usage VALUES ('total', 0);

-- Every change of a store's status, written by a trigger: nothing that changes a status can leave it out.
CREATE TABLE store_history (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id    text NOT NULL REFERENCES stores (id),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    from_status text,
    -- 'deleted' once the store is gone.
    to_status   text NOT NULL,
    job_id      bigint,
    fence       bigint NOT NULL,
    message     text
);
CREATE INDEX store_history_of_store ON store_history (store_id, id);

-- What workers did and saw, for people.
CREATE TABLE store_events (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id text NOT NULL REFERENCES stores (id),
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind     text NOT NULL CHECK (kind IN ('Normal', 'Warning', 'Error')),
    message  text NOT NULL,
    job_id   bigint
);
CREATE INDEX store_events_of_store ON store_events (store_id, id DESC);

-- The namespace as a worker last saw it: the JSON of StoreDomain.NamespaceSnapshot.
CREATE TABLE store_snapshots (
    store_id text PRIMARY KEY REFERENCES stores (id),
    taken_at timestamptz NOT NULL,
    fence    bigint NOT NULL,
    body     jsonb NOT NULL
);

-- The same key from the same caller with the same body gives the same store for 24 hours.
CREATE TABLE idempotency_keys (
    owner       text NOT NULL,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    body_digest text NOT NULL,
    store_id    text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE FUNCTION store_status_may_become(old text, new text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT old = new OR (old, new) IN (
        ('provisioning', 'ready'), ('provisioning', 'failed'), ('provisioning', 'deleting'),
        ('ready', 'failed'), ('ready', 'deleting'),
        ('failed', 'provisioning'), ('failed', 'deleting'),
        ('deleting', 'failed'))
$$;

-- Belt to the fenced statements' braces: a lower fence never overwrites a higher one, and no status changes illegally.
CREATE FUNCTION guard_store() RETURNS trigger LANGUAGE plpgsql AS $$
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
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER stores_guard BEFORE UPDATE ON stores FOR EACH ROW EXECUTE FUNCTION guard_store();

CREATE FUNCTION count_store(counted text, by integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO store_usage (scope, used) VALUES (counted, greatest(by, 0))
    ON CONFLICT (scope) DO UPDATE SET used = store_usage.used + by
$$;

-- 'total' is always touched before a user's row, here and in create_store, so that two transactions cannot wait for each other.
CREATE FUNCTION follow_store() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was integer := 0;
    now integer := (NEW.status <> 'deleting' AND NEW.deleted_at IS NULL)::integer;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        was := (OLD.status <> 'deleting' AND OLD.deleted_at IS NULL)::integer;
    END IF;
    IF now <> was THEN
        PERFORM count_store('total', now - was);
        IF NEW.owner IS NOT NULL THEN
            PERFORM count_store('user:' || NEW.owner, now - was);
        END IF;
    END IF;
    IF TG_OP = 'INSERT' OR OLD.status <> NEW.status OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL) THEN
        INSERT INTO store_history (store_id, from_status, to_status, job_id, fence, message)
        VALUES (NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END,
                CASE WHEN NEW.deleted_at IS NULL THEN NEW.status ELSE 'deleted' END, NEW.job_id, NEW.fence, NEW.error_message);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER stores_follow AFTER INSERT OR UPDATE OF status, deleted_at ON stores
    FOR EACH ROW EXECUTE FUNCTION follow_store();
