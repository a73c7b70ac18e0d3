-- Backups of stores: what there is of each, when the next one is due, what a new store is filled with, and until when a deleted one can be
-- brought back.
--
-- Lock order: as 0001_baseline.sql has it; backups and backup_keys come after stores and before store_usage.

-- Each backup of a store, also of one that is deleted, as long as its repository has it. A row is made when the backup is asked for.
CREATE TABLE backups (
    id              text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{12}$'),
    -- Whose repository has it.
    store_id        text NOT NULL REFERENCES stores (id),
    kind            text NOT NULL CHECK (kind IN ('manual', 'nightly', 'pre-change', 'final')),
    -- 'running' also while its job is queued.
    status          text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'failed')),
    -- The job that takes it: of kind 'backup', or one that takes it before it changes or deletes the store. And that job's generation then.
    job_id          bigint,
    generation      bigint,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at     timestamptz,
    -- Of one that is done: the repository's names of the dump and of the uploads, NULL where there are none; their sizes, and what the
    -- repository grew by, in bytes; what the shopper could buy and what was bought.
    snapshot        text CHECK (snapshot ~ '^[0-9a-f]{64}$'),
    files           text CHECK (files ~ '^[0-9a-f]{64}$'),
    database_bytes  bigint CHECK (database_bytes >= 0),
    file_bytes      bigint CHECK (file_bytes >= 0),
    added_bytes     bigint CHECK (added_bytes >= 0),
    products        integer CHECK (products >= 0),
    orders          integer CHECK (orders >= 0),
    -- Of one that failed: a word for programs such as 'vault-away', and a text for people.
    failure_code    text,
    failure         text,
    -- When a store was last made of it to see that it can be.
    verified_at     timestamptz,
    -- As in stores when it was taken.
    engine_version  text,
    chart_version   text,
    admin_revision  integer NOT NULL DEFAULT 0,
    host            text,
    CHECK ((status = 'done') = (snapshot IS NOT NULL AND database_bytes IS NOT NULL AND file_bytes IS NOT NULL AND added_bytes IS NOT NULL
        AND products IS NOT NULL AND orders IS NOT NULL)),
    CHECK ((status = 'failed') = (failure_code IS NOT NULL) AND (failure_code IS NULL) = (failure IS NULL)),
    CHECK ((status = 'running') = (finished_at IS NULL))
);
CREATE INDEX backups_of_store ON backups (store_id, created_at DESC);
CREATE INDEX backups_of_job ON backups (job_id);

-- The password of a store's repository, encrypted; no key to it is in this database. Without it the repository is worthless.
CREATE TABLE backup_keys (
    store_id  text PRIMARY KEY REFERENCES stores (id),
    -- As in store_credentials.
    key_id    text NOT NULL,
    sealed    text NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX backup_keys_by_key ON backup_keys (key_id);

ALTER TABLE stores
    -- When its newest backup was done, and when the next nightly one is due; NULL: at once. When backups that nobody needs were last removed.
    ADD COLUMN last_backup_at timestamptz,
    ADD COLUMN next_backup_at timestamptz,
    ADD COLUMN pruned_at      timestamptz,
    -- A copy to try things on; it stays one for life.
    ADD COLUMN staging        boolean NOT NULL DEFAULT false,
    -- The backup that it was made of: it is filled with that before it is ready for the first time. The backup may be gone since.
    ADD COLUMN restored_from  text,
    -- Of a deleted store: until when its backups are kept, so that it can be brought back. NULL: they go at once.
    ADD COLUMN kept_until     timestamptz;
CREATE INDEX stores_by_backup ON stores (next_backup_at) WHERE deleted_at IS NULL AND status = 'ready';
CREATE INDEX stores_restored ON stores (restored_from) WHERE restored_from IS NOT NULL AND deleted_at IS NULL;

-- Whether this worker can take and restore backups.
ALTER TABLE worker_reports ADD COLUMN keeps_backups boolean NOT NULL DEFAULT false;

ALTER TABLE jobs
    -- Of a backup: the row that it fills. Of a restore: what the store is filled with.
    ADD COLUMN backup_id   text,
    -- Of a delete: whether a final backup is taken first.
    ADD COLUMN wants_final boolean NOT NULL DEFAULT false,
    -- Of a delete: for how many days the store's backups are kept after it; 0: they go with the store.
    ADD COLUMN keep_days   integer NOT NULL DEFAULT 0 CHECK (keep_days BETWEEN 0 AND 3650);
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('provision', 'retry', 'delete', 'apply', 'backup', 'restore'));
ALTER TABLE jobs ADD CHECK ((kind IN ('backup', 'restore')) = (backup_id IS NOT NULL));
-- 'restoring': the store's data is being replaced, and it is half of each until that is done. 'opening': it is whole, and is not loaded again.
ALTER TABLE jobs DROP CONSTRAINT jobs_phase_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_phase_check CHECK (phase IN ('going-back', 'restoring', 'opening'));
-- One unfinished job of each class for a store, and beside it a backup, which changes nothing of it: the namespace's lease lets one run at a time.
DROP INDEX jobs_one_living;
CREATE UNIQUE INDEX jobs_one_living ON jobs (store_id, class, (kind = 'backup')) WHERE state IN ('queued', 'running');

-- They take or return more now, which CREATE OR REPLACE cannot change.
DROP FUNCTION IF EXISTS status_under(text);
DROP FUNCTION IF EXISTS delete_store(text, text, text);
DROP FUNCTION IF EXISTS create_store(text, text, text, text, text, text, text, integer, integer, integer, text, text, text);
DROP FUNCTION IF EXISTS accept_stores(
    text[], text[], text[], text[], text[], text[], text[], text[], integer, integer, integer, text[], text[], text[], text[], text[], text[]);
