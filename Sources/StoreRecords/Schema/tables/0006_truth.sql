-- What is told of a store: where it is reached, since when somebody waits for it, and that an empty one is made only where that was asked for.
--
-- Lock order: as 0001_baseline.sql has it.

-- What the worker puts behind a store's name to make its host, e.g. '.localhost'; NULL: a worker that does not tell it yet.
ALTER TABLE worker_reports ADD COLUMN host_suffix text CHECK (host_suffix ~ '^[.][a-z0-9.-]{1,200}$');

-- When somebody asked for what makes the store ready, for the last time: its creation, a retry, a restore that makes it anew.
ALTER TABLE stores ADD COLUMN asked_at timestamptz;
UPDATE stores SET asked_at = coalesce(provisioning_started_at, created_at) WHERE deleted_at IS NULL;
ALTER TABLE stores ALTER COLUMN asked_at SET DEFAULT clock_timestamp();

-- Of a retry: an empty store may be made in place of what is lost.
ALTER TABLE jobs ADD COLUMN recreates boolean NOT NULL DEFAULT false;

-- It takes more now, which CREATE OR REPLACE cannot change.
DROP FUNCTION IF EXISTS retry_store(text, text, text, boolean, text, integer);
