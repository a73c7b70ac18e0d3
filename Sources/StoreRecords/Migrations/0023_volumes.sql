-- What a store's volumes really use, as the store counted it: lists side by side, as in 0019. A body that does not say leaves what was known.

ALTER TABLE store_snapshots
    ADD COLUMN volume_names text[] NOT NULL DEFAULT '{}',
    -- Bytes.
    ADD COLUMN volume_used  bigint[] NOT NULL DEFAULT '{}',
    ADD COLUMN volume_sizes bigint[] NOT NULL DEFAULT '{}';

CREATE FUNCTION expand_volumes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(array_agg(v.name ORDER BY n), '{}'), coalesce(array_agg(v.used ORDER BY n), '{}'), coalesce(array_agg(v.size ORDER BY n), '{}')
      INTO NEW.volume_names, NEW.volume_used, NEW.volume_sizes
      FROM ROWS FROM (jsonb_to_recordset(NEW.body -> 'volumes') AS (name text, used bigint, size bigint)) WITH ORDINALITY AS v (name, used, size, n);
    RETURN NEW;
END $$;
CREATE TRIGGER snapshots_expand_volumes BEFORE INSERT OR UPDATE OF body ON store_snapshots
    FOR EACH ROW WHEN (NEW.body ? 'volumes') EXECUTE FUNCTION expand_volumes();
