-- What became of jobs in each hour, and how many waited and ran at most; kept for a week. Jobs themselves may be purged before.
CREATE TABLE queue_hours (
    -- Its beginning.
    hour         timestamptz PRIMARY KEY,
    succeeded    integer NOT NULL,
    failed       integer NOT NULL,
    cancelled    integer NOT NULL,
    -- At once, at the moments when somebody looked.
    most_queued  integer NOT NULL,
    most_running integer NOT NULL
);

-- How many jobs of each class the worker lets run at once in the whole installation; NULL: it is of a version that does not say.
ALTER TABLE worker_reports ADD COLUMN interactive_limit integer, ADD COLUMN background_limit integer;
