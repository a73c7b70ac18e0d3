-- What the peers write into: the quotas and both rows of an accepted create, without history, fences or idempotency keys.
CREATE TABLE peer_usage (scope text PRIMARY KEY, used integer NOT NULL) WITH (fillfactor = 50);
CREATE TABLE peer_stores (
    id text PRIMARY KEY, name text NOT NULL, engine text NOT NULL, status text NOT NULL, namespace text NOT NULL UNIQUE, owner text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE peer_jobs (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, store_id text NOT NULL REFERENCES peer_stores (id), kind text NOT NULL,
    state text NOT NULL DEFAULT 'queued', created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
