-- What an API shows of a shop, in columns of its own: PostgreSQL sends them as they are, and nobody parses JSON for each reader. They follow from the JSON
-- that workers write, which stays for programs of before. Lists are arrays side by side, whose nth elements belong together: an array of records
-- costs several times as much to send.

ALTER TABLE store_snapshots
    ADD COLUMN resource_kinds     text[] NOT NULL DEFAULT '{}',
    ADD COLUMN resource_names     text[] NOT NULL DEFAULT '{}',
    ADD COLUMN resource_statuses  text[] NOT NULL DEFAULT '{}',
    -- NULL where there are none to count.
    ADD COLUMN resource_replicas  text[] NOT NULL DEFAULT '{}',
    ADD COLUMN resources_made_at  timestamptz[] NOT NULL DEFAULT '{}',
    ADD COLUMN event_times        timestamptz[] NOT NULL DEFAULT '{}',
    ADD COLUMN event_kinds        text[] NOT NULL DEFAULT '{}',
    ADD COLUMN event_messages     text[] NOT NULL DEFAULT '{}',
    -- CPU used and allowed, memory used and allowed, volumes used and allowed.
    ADD COLUMN quotas             text[] NOT NULL DEFAULT '{}';

CREATE FUNCTION spread_snapshot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(array_agg(r.kind ORDER BY n), '{}'), coalesce(array_agg(r.name ORDER BY n), '{}'), coalesce(array_agg(r.status ORDER BY n), '{}'),
           coalesce(array_agg(r.replicas ORDER BY n), '{}'), coalesce(array_agg(to_timestamp(r."createdAt") ORDER BY n), '{}')
      INTO NEW.resource_kinds, NEW.resource_names, NEW.resource_statuses, NEW.resource_replicas, NEW.resources_made_at
      FROM ROWS FROM (jsonb_to_recordset(NEW.body -> 'resources') AS (kind text, name text, status text, replicas text, "createdAt" float8))
           WITH ORDINALITY AS r (kind, name, status, replicas, "createdAt", n);
    SELECT coalesce(array_agg(to_timestamp(e."timestamp") ORDER BY n), '{}'), coalesce(array_agg(e.kind ORDER BY n), '{}'),
           coalesce(array_agg(e.message ORDER BY n), '{}')
      INTO NEW.event_times, NEW.event_kinds, NEW.event_messages
      FROM ROWS FROM (jsonb_to_recordset(NEW.body -> 'events') AS ("timestamp" float8, kind text, message text))
           WITH ORDINALITY AS e ("timestamp", kind, message, n);
    NEW.quotas := ARRAY[
        NEW.body #>> '{quotas,cpuUsed}', NEW.body #>> '{quotas,cpuLimit}', NEW.body #>> '{quotas,memUsed}', NEW.body #>> '{quotas,memLimit}',
        NEW.body #>> '{quotas,pvcUsed}', NEW.body #>> '{quotas,pvcLimit}'];
    RETURN NEW;
END $$;
CREATE TRIGGER snapshots_spread BEFORE INSERT OR UPDATE OF body ON store_snapshots FOR EACH ROW EXECUTE FUNCTION spread_snapshot();

ALTER TABLE store_releases
    ADD COLUMN secret_names    text[] NOT NULL DEFAULT '{}',
    ADD COLUMN secrets_made_at timestamptz[] NOT NULL DEFAULT '{}';
CREATE FUNCTION spread_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(array_agg(r.name ORDER BY n), '{}'), coalesce(array_agg(to_timestamp(r."createdAt") ORDER BY n), '{}')
      INTO NEW.secret_names, NEW.secrets_made_at
      FROM ROWS FROM (jsonb_to_recordset(NEW.secrets) AS (name text, "createdAt" float8)) WITH ORDINALITY AS r (name, "createdAt", n);
    RETURN NEW;
END $$;
CREATE TRIGGER releases_spread BEFORE INSERT OR UPDATE OF secrets ON store_releases FOR EACH ROW EXECUTE FUNCTION spread_release();
