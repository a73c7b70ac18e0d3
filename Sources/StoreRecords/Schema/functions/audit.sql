-- The audit is only appended to. Rows may go once they are 90 days old, whatever KEEP_AUDIT_DAYS says.

-- Locks: nothing.
-- Returns: never; raises SW006.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only appended to', TG_TABLE_NAME USING ERRCODE = 'SW006';
END $$;
CREATE OR REPLACE TRIGGER audit_is_append_only BEFORE UPDATE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER audit_is_kept BEFORE DELETE ON audit FOR EACH ROW
    WHEN (OLD.at > clock_timestamp() - interval '90 days') EXECUTE FUNCTION refuse_change();
