-- What could not be tested, apart from what a test found wanting.
--
-- Lock order: as 0001_baseline.sql has it.

ALTER TABLE backups
    -- Why the last test of it could not be made, such as a vault that was away; NULL: it was made, or not asked for. It says nothing of the backup.
    ADD COLUMN untested text;
