-- What was asked for, who works on it, and who may.
-- Rows are locked in one order everywhere: namespace_leases, jobs, stores, store_usage ('total', then a user's).

CREATE TABLE jobs (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id            text NOT NULL REFERENCES stores (id),
    kind                text NOT NULL CHECK (kind IN ('provision', 'retry', 'delete')),
    namespace           text NOT NULL,
    owner               text,
    state               text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    -- Attempts that ended by the job's own doing; a hand-back does not count, a dead worker counts as a reclaim.
    attempt             integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    max_attempts        integer NOT NULL DEFAULT 5 CHECK (max_attempts > 0),
    reclaims            integer NOT NULL DEFAULT 0 CHECK (reclaims >= 0),
    max_reclaims        integer NOT NULL DEFAULT 3 CHECK (max_reclaims > 0),
    run_after           timestamptz NOT NULL DEFAULT clock_timestamp(),
    cancel_requested_at timestamptz,
    error               text,
    worker              text,
    fence               bigint,
    attempt_id          text,
    traceparent         text,
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at          timestamptz,
    finished_at         timestamptz
) WITH (fillfactor = 80);

-- One living job of each direction for a store: what wants it running, and what wants it gone.
CREATE UNIQUE INDEX jobs_one_living ON jobs (store_id, (kind = 'delete')) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_queued ON jobs (id) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (namespace) WHERE state = 'running';
CREATE INDEX jobs_of_store ON jobs (store_id, id DESC);

-- Who holds a namespace. PostgreSQL alone decides; Redis only says when to look.
CREATE TABLE namespace_leases (
    namespace  text PRIMARY KEY,
    fence      bigint NOT NULL DEFAULT 0,
    attempt_id text,
    job_id     bigint,
    worker     text,
    -- '-infinity' once given back; a past time means that the holder vanished.
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- One sequence for all namespaces: a store that moves to another namespace still sees only higher fences.
-- It is read under the namespace's row lock, so that within a namespace the order is that of the claims.
CREATE SEQUENCE fences;

-- Duties that one worker at a time has, by leases that expire (a frozen process would keep a session lock).
CREATE TABLE duty_leases (
    duty       text PRIMARY KEY,
    holder     text NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE worker_reports (
    worker      text PRIMARY KEY,
    reported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    version     text NOT NULL,
    slots       integer NOT NULL,
    busy        integer NOT NULL,
    kubernetes  boolean NOT NULL,
    helm        boolean NOT NULL
) WITH (fillfactor = 50);

CREATE FUNCTION seconds(amount double precision) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT amount * interval '1 second'
$$;
