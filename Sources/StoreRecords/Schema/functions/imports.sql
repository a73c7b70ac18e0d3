-- Archives that new stores are made of.
-- The settings: see claim_jobs.sql.

-- Makes the row of an archive that somebody begins to send, for as long as renew_import has it. p_owner NULL: nobody that is known.
-- p_limit: how many an owner may send within 24 hours. p_open: how many at a time. p_bytes: how long it is; p_most: how long one may be,
-- twice which an owner may send within 24 hours. What is still being sent counts as the longest.
-- Locks: an advisory lock for the owner.
-- Returns: begun, too_many, or too_much.
CREATE OR REPLACE FUNCTION begin_import(p_import text, p_owner text, p_limit integer, p_open integer, p_bytes bigint, p_most bigint) RETURNS text
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    sent record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('store-weaver:import:' || coalesce(p_owner, '')));
    SELECT count(*) AS all_of_them, count(*) FILTER (WHERE i.bytes IS NULL AND i.expires_at > clock_timestamp()) AS unfinished,
           coalesce(sum(i.bytes), 0) AS bytes
      INTO sent FROM imports i WHERE i.owner IS NOT DISTINCT FROM p_owner AND i.created_at > clock_timestamp() - interval '24 hours';
    IF sent.all_of_them >= p_limit OR sent.unfinished >= p_open THEN
        RETURN 'too_many';
    ELSIF sent.bytes + sent.unfinished * p_most + p_bytes > 2 * p_most THEN
        RETURN 'too_much';
    END IF;
    INSERT INTO imports (id, owner, expires_at) VALUES (p_import, p_owner, unfinished_until());
    RETURN 'begun';
END $$;

-- Until when an archive counts as being sent, unless it is renewed: what an API that died was passing on keeps nobody from sending for longer.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION unfinished_until() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
    SELECT clock_timestamp() + interval '10 minutes'
$$;

-- Goes on with an archive that is being sent. What is over stays over.
-- Locks: the import.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION renew_import(p_import text) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE imports i SET expires_at = unfinished_until() WHERE i.id = p_import AND i.bytes IS NULL AND i.expires_at > clock_timestamp()
$$;

-- How large a volume of a store has to be that is made of an archive, in MiB: twice what is loaded, for indexes and what comes after.
-- p_part: database or uploads.
-- Locks: nothing.
-- Returns: NULL where a new store's is large enough.
CREATE OR REPLACE FUNCTION import_room(p_engine text, p_part text, p_bytes bigint) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN needs.mib > coalesce(usual.mib, 5120) THEN least(needs.mib, 64 << 20)::integer END
      FROM (SELECT 2 * p_bytes / 1048576 + 512 AS mib) needs,
           (SELECT (SELECT left(c.storage ->> p_part, -2)::bigint * CASE right(c.storage ->> p_part, 2) WHEN 'Mi' THEN 1 WHEN 'Gi' THEN 1024 ELSE 1048576 END
                      FROM worker_charts c JOIN worker_reports r ON r.worker = c.worker
                     WHERE c.engine = p_engine AND c.is_current AND c.storage ->> p_part ~ '^[0-9]{1,8}(Mi|Gi|Ti)$'
                     ORDER BY r.reported_at DESC LIMIT 1) AS mib) usual
$$;
