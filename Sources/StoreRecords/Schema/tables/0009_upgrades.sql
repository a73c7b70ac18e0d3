-- One store's upgrade goes back to a backup where the new version does not prove itself.
--
-- Lock order: as 0003_backups.sql has it.

-- 'upgrading': nobody is let into the store, and its data is what it was, or what the new version made of it.
-- 'reopening': the change failed, and the store has its data back, which is not loaded again.
ALTER TABLE jobs DROP CONSTRAINT jobs_phase_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_phase_check CHECK (phase IN ('going-back', 'closing', 'upgrading', 'restoring', 'opening', 'reopening'));
-- Of an upgrade that may have changed the store's data, backup_id is what it goes back to.
ALTER TABLE jobs DROP CONSTRAINT jobs_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_backup_id_check CHECK (
    CASE WHEN kind IN ('backup', 'restore') THEN backup_id IS NOT NULL ELSE backup_id IS NULL OR kind IN ('apply', 'retry') END);

ALTER TABLE stores
    -- A job that changes a ready store has closed it, and nobody is let in.
    ADD COLUMN closed           boolean NOT NULL DEFAULT false,
    -- The versions of its chart that did not prove themselves in it: an upgrade to one of them is refused, unless an operator or a retry asks again.
    ADD COLUMN blocked_versions text[] NOT NULL DEFAULT '{}';
