-- Exports of stores: a backup as one file in the vault, which its owner fetches by a link; and imports: such a file that a new store is made of.
--
-- Lock order: as 0003_backups.sql has it; exports, export_links and imports come after backups.

-- A row is made when the export is asked for, and goes when the file has gone from the vault.
CREATE TABLE exports (
    id            text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{12}$'),
    store_id      text NOT NULL REFERENCES stores (id),
    -- What is exported; it may be gone since.
    backup_id     text NOT NULL,
    job_id        bigint,
    -- 'running' also while its job is queued.
    status        text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'failed')),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at   timestamptz,
    -- When it is removed; of one that is done counted from its end.
    expires_at    timestamptz NOT NULL DEFAULT clock_timestamp() + interval '24 hours',
    -- Of one that is done, as the vault has it.
    bytes         bigint CHECK (bytes > 0),
    sha256        text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    -- Of one that failed: as in backups.
    failure_code  text,
    failure       text,
    CHECK ((status = 'done') = (bytes IS NOT NULL AND sha256 IS NOT NULL)),
    CHECK ((status = 'failed') = (failure_code IS NOT NULL) AND (failure_code IS NULL) = (failure IS NULL)),
    CHECK ((status = 'running') = (finished_at IS NULL))
);
CREATE INDEX exports_of_store ON exports (store_id, created_at DESC);
CREATE INDEX exports_of_job ON exports (job_id);
CREATE INDEX exports_by_expiry ON exports (expires_at);

-- A link fetches its export once: whole, in as many parts as it takes, within an hour after its first use.
CREATE TABLE export_links (
    -- The SHA-256 of its token, in hex.
    hash        text PRIMARY KEY,
    export_id   text NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
    -- Who was given it.
    actor       text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    used_at     timestamptz,
    -- How far it was fetched from the beginning, in bytes.
    fetched     bigint NOT NULL DEFAULT 0 CHECK (fetched >= 0),
    ended_at    timestamptz
);
CREATE INDEX export_links_of_export ON export_links (export_id, created_at);

-- An archive that somebody sent; it is removed when its time is over.
CREATE TABLE imports (
    id              text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{12}$'),
    owner           text,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at      timestamptz NOT NULL DEFAULT clock_timestamp() + interval '24 hours',
    -- NULL while it is being sent.
    bytes           bigint CHECK (bytes > 0),
    -- What its manifest says.
    engine          text,
    engine_version  text,
    chart_version   text,
    admin_revision  integer NOT NULL DEFAULT 0,
    host            text,
    database_bytes  bigint CHECK (database_bytes > 0),
    file_bytes      bigint CHECK (file_bytes >= 0),
    products        integer CHECK (products >= 0),
    orders          integer CHECK (orders >= 0),
    CHECK (bytes IS NULL OR engine IS NOT NULL AND database_bytes IS NOT NULL AND file_bytes IS NOT NULL AND products IS NOT NULL
        AND orders IS NOT NULL)
);
CREATE INDEX imports_by_expiry ON imports (expires_at);

ALTER TABLE jobs
    -- Of a backup's job: the export that it makes of its backup, which may have been done long before.
    ADD COLUMN export_id text CHECK (export_id IS NULL OR kind = 'backup');
ALTER TABLE stores
    -- The archive that it was made of, as restored_from has a backup. It may be gone since.
    ADD COLUMN imported_from text CHECK (imported_from IS NULL OR restored_from IS NULL);
CREATE INDEX stores_imported ON stores (imported_from) WHERE imported_from IS NOT NULL AND deleted_at IS NULL;
