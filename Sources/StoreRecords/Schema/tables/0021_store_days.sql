-- What a store really used and how fast it answered, by the hour: a row for each day (UTC), kept for a year. Arrays have the hour h at h + 1;
-- an hour in which nobody looked is NULL or beyond their bounds. Today's rows grow with every look: pages have room for that.
CREATE TABLE store_days (
    store_id        text NOT NULL REFERENCES stores (id) ON DELETE CASCADE,
    day             date NOT NULL,
    -- Of all that runs in its namespace: the mean of the hour's looks in thousandths of a processor, and the most memory.
    cpu_millis      real[] NOT NULL DEFAULT '{}',
    memory_bytes    bigint[] NOT NULL DEFAULT '{}',
    looks           smallint[] NOT NULL DEFAULT '{}',
    -- The median of the probes that were answered, and of how many.
    response_millis integer[] NOT NULL DEFAULT '{}',
    responses       integer[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (store_id, day)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX store_days_by_age ON store_days (day);

-- Whether the cluster measures what pods use (metrics.k8s.io), as a worker found it last: one row.
CREATE TABLE cluster_metrics (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    are_there  boolean NOT NULL,
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
