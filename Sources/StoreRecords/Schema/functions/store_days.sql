-- What stores used and how they answered, by the hour.

-- Makes the rows of one day where they are missing, and locks them.
-- Locks: the rows by ascending store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION lock_store_days(p_stores text[], p_day date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO store_days (store_id, day)
    SELECT s.id, p_day FROM stores s WHERE s.id = ANY (p_stores) AND s.deleted_at IS NULL ORDER BY s.id
    ON CONFLICT DO NOTHING;
    PERFORM 1 FROM store_days WHERE day = p_day AND store_id = ANY (p_stores) ORDER BY store_id FOR NO KEY UPDATE;
END $$;

-- Adds one look at what runs in these namespaces, in thousandths of a processor and bytes, to this hour of their stores.
-- Locks: the stores' days by ascending store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION note_store_use(p_namespaces text[], p_cpu bigint[], p_memory bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    h integer := extract(hour FROM clock_timestamp() AT TIME ZONE 'UTC')::integer + 1;
BEGIN
    PERFORM lock_store_days(
        (SELECT array_agg(s.id) FROM stores s WHERE s.namespace = ANY (p_namespaces) AND s.deleted_at IS NULL), today);
    UPDATE store_days d SET
        cpu_millis[h] = coalesce(d.cpu_millis[h], 0) + (u.cpu - coalesce(d.cpu_millis[h], 0)) / (coalesce(d.looks[h], 0) + 1),
        memory_bytes[h] = greatest(d.memory_bytes[h], u.memory),
        looks[h] = coalesce(d.looks[h], 0) + 1
      FROM unnest(p_namespaces, p_cpu, p_memory) AS u (namespace, cpu, memory)
      JOIN stores s ON s.namespace = u.namespace AND s.deleted_at IS NULL
     WHERE d.store_id = s.id AND d.day = today;
END $$;

-- Writes the median of a store's answers in the hour of p_at, in milliseconds; p_counts: of how many answers. Of two who ask in the same hour,
-- as after a watcher died, the one that asked more often counts.
-- Locks: the stores' days by ascending store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION note_responses(p_at timestamptz, p_stores text[], p_medians bigint[], p_counts bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    that date := (p_at AT TIME ZONE 'UTC')::date;
    h integer := extract(hour FROM p_at AT TIME ZONE 'UTC')::integer + 1;
BEGIN
    PERFORM lock_store_days(p_stores, that);
    UPDATE store_days d SET response_millis[h] = r.median, responses[h] = r.count
      FROM unnest(p_stores, p_medians, p_counts) AS r (store_id, median, count)
     WHERE d.store_id = r.store_id AND d.day = that AND r.count >= coalesce(d.responses[h], 0);
END $$;
