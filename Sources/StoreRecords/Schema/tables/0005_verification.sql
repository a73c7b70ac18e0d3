-- Whether backups can be relied on: what the weekly check of each repository found, and test restores into hidden stores. Which deleted store a
-- new one brings back.

ALTER TABLE stores
    -- When the store's repository was last checked, and what was found then; NULL: nothing is wrong.
    ADD COLUMN checked_at    timestamptz,
    ADD COLUMN check_failure text,
    -- A hidden store that is made of a backup to see that it can be, and removed afterwards. It counts nowhere.
    ADD COLUMN verification  boolean NOT NULL DEFAULT false,
    -- When the newest backup of the store is to be tested next; NULL: no time is noted. When one was last restored as a test, and why the last test
    -- failed; NULL: it did not.
    ADD COLUMN verify_at     timestamptz,
    ADD COLUMN verified_at   timestamptz,
    ADD COLUMN verify_error  text,
    -- The deleted store that it brings back.
    ADD COLUMN undeletes     text;
-- One test at a time in the whole installation.
CREATE UNIQUE INDEX stores_one_verification ON stores (verification) WHERE verification AND deleted_at IS NULL;
CREATE INDEX stores_by_verification ON stores (verify_at) WHERE deleted_at IS NULL AND status = 'ready';

-- A deleted store is brought back once. Who did it before is in the audit.
UPDATE stores n SET undeletes = d.id FROM (
    SELECT DISTINCT ON (s.id) s.id, b.id AS back FROM stores s JOIN backups o ON o.store_id = s.id JOIN stores b ON b.restored_from = o.id
     WHERE s.deleted_at IS NOT NULL AND b.deleted_at IS NULL AND b.created_at > s.deleted_at
       AND EXISTS (SELECT 1 FROM audit a WHERE a.action = 'store.undelete' AND a.target = b.id)
     ORDER BY s.id, b.created_at) d
 WHERE n.id = d.back;
CREATE UNIQUE INDEX stores_brought_back ON stores (undeletes) WHERE undeletes IS NOT NULL AND deleted_at IS NULL;

ALTER TABLE backups
    -- Why it could not be restored as a test the last time; NULL: it could, or was not tried.
    ADD COLUMN verify_error   text,
    -- What there was at the dump's end; NULL: as many as at its beginning.
    ADD COLUMN products_after integer CHECK (products_after >= 0),
    ADD COLUMN orders_after   integer CHECK (orders_after >= 0);

-- 'closing': of a restore: the store is closed, or about to be, and its data is what it was.
ALTER TABLE jobs DROP CONSTRAINT jobs_phase_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_phase_check CHECK (phase IN ('going-back', 'closing', 'restoring', 'opening'));

-- They take or return more now, which CREATE OR REPLACE cannot change.
DROP FUNCTION IF EXISTS forget_backups(text[], text, text, bigint, text);
DROP FUNCTION IF EXISTS end_backup(
    text, text, text, bigint, text, text, text, bigint, bigint, bigint, integer, integer, text, text);
DROP FUNCTION IF EXISTS create_store(
    text, text, text, text, text, text, text, integer, integer, integer, text, text, text, text, boolean);
DROP FUNCTION IF EXISTS accept_stores(
    text[], text[], text[], text[], text[], text[], text[], text[], integer, integer, integer, text[], text[], text[], text[], text[], text[],
    text[], boolean[], text[]);
