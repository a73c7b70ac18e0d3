-- What each store was allotted, and when: what an installation bills or compares.
--
-- Lock order: as 0003_backups.sql has it; usage_periods comes after stores, whose row's lock guards its store's periods.

ALTER TABLE stores
    -- What the repository of its backups holds in bytes, and when the vault was asked for that last.
    ADD COLUMN repository_bytes       bigint NOT NULL DEFAULT 0 CHECK (repository_bytes >= 0),
    ADD COLUMN repository_measured_at timestamptz;

-- A span of time in which what a store was allotted did not change. A store's spans do not overlap; between two of them it was allotted nothing.
-- They outlive the store's row. Written by a trigger on stores, see ../functions/usage.sql.
CREATE TABLE usage_periods (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id     text NOT NULL,
    owner        text,
    -- Its namespace without `store-`.
    slug         text NOT NULL,
    -- NULL: no plan, since the store was not ready: it failed, was being retried or deleted, or was lost.
    plan         text CHECK (plan IN ('small', 'medium', 'large')),
    awake        boolean NOT NULL,
    -- Both volumes, in MiB.
    volumes_mib  integer NOT NULL CHECK (volumes_mib >= 0),
    -- As stores.repository_bytes.
    backup_bytes bigint NOT NULL CHECK (backup_bytes >= 0),
    begun_at     timestamptz NOT NULL,
    -- NULL: it lasts.
    ended_at     timestamptz,
    CHECK (ended_at >= begun_at),
    CHECK (plan IS NOT NULL OR NOT awake),
    CHECK (plan IS NOT NULL OR volumes_mib > 0 OR backup_bytes > 0)
);
CREATE UNIQUE INDEX usage_periods_lasting ON usage_periods (store_id) WHERE ended_at IS NULL;
CREATE INDEX usage_periods_ended ON usage_periods (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX usage_periods_of_owner ON usage_periods (owner, ended_at);

-- What there is counts from now on.
INSERT INTO usage_periods (store_id, owner, slug, plan, awake, volumes_mib, backup_bytes, begun_at)
SELECT s.id, s.owner, substr(s.namespace, 7), CASE WHEN s.status = 'ready' AND s.drift IS NULL THEN g.plan END,
       s.status = 'ready' AND s.drift IS NULL AND NOT g.asleep, coalesce(g.database_mib, 0) + coalesce(g.uploads_mib, 0), 0, clock_timestamp()
  FROM stores s JOIN store_specs g ON g.store_id = s.id AND g.generation = s.applied_generation
 WHERE s.deleted_at IS NULL AND s.drift IS DISTINCT FROM 'namespace' AND NOT s.verification
   AND ((s.status = 'ready' AND s.drift IS NULL) OR coalesce(g.database_mib, 0) + coalesce(g.uploads_mib, 0) > 0);
