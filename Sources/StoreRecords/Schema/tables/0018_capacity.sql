-- What the nodes of the cluster can bear and what is reserved of it, as a worker saw it last: one row.
CREATE TABLE cluster_capacity (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    seen       jsonb NOT NULL,
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
