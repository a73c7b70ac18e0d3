-- Spans of time. Files are applied by name, and a function in SQL may call only those of earlier files.

-- Locks: nothing.
-- Returns: so many seconds.
CREATE OR REPLACE FUNCTION seconds(amount double precision) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
    SELECT amount * interval '1 second'
$$;

-- Exponential from 5 s to 5 min, with full jitter (AWS Architecture Blog, 2015).
-- Locks: nothing.
-- Returns: how long a job waits after its attempt-th attempt failed.
CREATE OR REPLACE FUNCTION retry_backoff(attempt integer) RETURNS interval LANGUAGE sql VOLATILE AS $$
    SELECT seconds(1 + random() * least(300, 5 * power(2, least(attempt, 10) - 1)))
$$;
