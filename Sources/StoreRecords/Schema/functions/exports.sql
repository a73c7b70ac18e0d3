-- Exports of stores.
-- The settings: see claim_jobs.sql.

-- Accepts an export of a backup. p_backup NULL: the newest that is done, or one that is taken first, with the id p_new, where there is
-- none. p_limit: how many there may be within 24 hours.
-- Locks: the store's unfinished jobs, the store.
-- Returns: outcome accepted, running (a backup or an export of the store is queued or runs), too_many, not_ready (there is nothing to
-- export, or nowhere to do it), no_backup, not_done, or not_found; of accepted the job; the export; the store.
CREATE OR REPLACE FUNCTION request_export(
    p_id text, p_visible_to text, p_backup text, p_export text, p_new text, p_limit integer, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT export exports, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    source backups;
BEGIN
    store := lock_store(p_id, p_visible_to, 'owner');
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    IF p_backup IS NULL THEN
        source := newest_backup(p_id);
    ELSE
        SELECT * INTO source FROM backups b WHERE b.id = p_backup AND b.store_id = p_id;
    END IF;
    IF source.id IS NULL AND p_backup IS NOT NULL THEN
        outcome := 'no_backup';
    ELSIF source.status <> 'done' THEN
        outcome := 'not_done';
    ELSIF store.first_ready_at IS NULL OR store.status = 'deleting' OR store.drift = 'namespace' OR (source.id IS NULL AND half_restored(p_id)) THEN
        outcome := 'not_ready';
    ELSIF EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND j.kind = 'backup'
                     AND NOT (j.class = 2 AND j.state = 'queued')) THEN
        outcome := 'running';
    ELSIF (SELECT count(*) FROM exports e WHERE e.store_id = p_id AND e.created_at > clock_timestamp() - interval '24 hours') >= p_limit THEN
        outcome := 'too_many';
    END IF;
    IF outcome IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM cancel_nightly(p_id);
    IF source.id IS NULL THEN
        accepted_job := queue_backup(store, p_new, 'manual', p_traceparent);
        UPDATE jobs j SET export_id = p_export WHERE j.id = accepted_job;
    ELSE
        INSERT INTO jobs (store_id, kind, class, namespace, owner, traceparent, backup_id, max_attempts, export_id)
        VALUES (p_id, 'backup', 1, store.namespace, store.owner, p_traceparent, source.id, 1, p_export) RETURNING id INTO accepted_job;
    END IF;
    INSERT INTO exports AS e (id, store_id, backup_id, job_id) VALUES (p_export, p_id, coalesce(source.id, p_new), accepted_job) RETURNING e.* INTO export;
    SELECT * INTO store FROM stores s WHERE s.id = p_id;
    outcome := 'accepted';
END $$;

-- What became of an export: p_failure_code NULL: it is done. One that has ended already stays as it is.
-- Locks: the namespace's lease, the row.
-- Returns: whether the attempt holds the namespace; if it does not, nothing was written.
CREATE OR REPLACE FUNCTION end_export(
    p_export text, p_store text, p_namespace text, p_fence bigint, p_attempt text,
    p_bytes bigint, p_sha256 text, p_failure_code text, p_failure text
) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF NOT holds_lease(p_namespace, p_fence, p_attempt) THEN
        RETURN false;
    END IF;
    UPDATE exports e SET status = CASE WHEN p_failure_code IS NULL THEN 'done' ELSE 'failed' END, finished_at = clock_timestamp(),
        expires_at = clock_timestamp() + interval '24 hours', bytes = p_bytes, sha256 = p_sha256, failure_code = p_failure_code, failure = p_failure
     WHERE e.id = p_export AND e.store_id = p_store AND e.status = 'running';
    RETURN true;
END $$;

-- Makes a link to an export that is done, for the store's owner; p_visible_to: see lock_store. Of links that nobody used the newest 20 stay.
-- Locks: the store, against another owner; the export, its links.
-- Returns: whether it was made.
CREATE OR REPLACE FUNCTION make_export_link(p_export text, p_visible_to text, p_hash text, p_actor text) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    PERFORM 1 FROM stores s WHERE s.id = (SELECT e.store_id FROM exports e WHERE e.id = p_export) AND is_open_to(s, p_visible_to, 'owner') FOR SHARE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM 1 FROM exports e WHERE e.id = p_export AND e.status = 'done' AND e.expires_at > clock_timestamp() FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO export_links (hash, export_id, actor) VALUES (p_hash, p_export, p_actor);
    DELETE FROM export_links l WHERE l.export_id = p_export AND l.used_at IS NULL AND l.hash NOT IN (
        SELECT n.hash FROM export_links n WHERE n.export_id = p_export AND n.used_at IS NULL ORDER BY n.created_at DESC, n.hash LIMIT 20);
    RETURN true;
END $$;

-- Uses a link. Its first use is written into the audit. p_looks: it is asked for and not used. It can be used while the store is there;
-- what was begun before the export's time was over may be gone on with, for which expiredArchives keeps the file.
-- Locks: the link.
-- Returns: outcome open, gone (it was used, or its time is over) or not_found; of open the export and the store.
CREATE OR REPLACE FUNCTION use_export_link(p_hash text, p_looks boolean, p_address text, OUT outcome text, OUT export exports, OUT store stores)
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    link export_links;
BEGIN
    SELECT * INTO link FROM export_links l WHERE l.hash = p_hash FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    SELECT * INTO export FROM exports e WHERE e.id = link.export_id;
    SELECT * INTO store FROM stores s WHERE s.id = export.store_id AND s.deleted_at IS NULL;
    IF store.id IS NULL OR link.ended_at IS NOT NULL OR link.used_at <= clock_timestamp() - interval '1 hour'
       OR (link.used_at IS NULL AND export.expires_at <= clock_timestamp()) THEN
        outcome := 'gone';
        RETURN;
    END IF;
    outcome := 'open';
    IF link.used_at IS NULL AND NOT p_looks THEN
        UPDATE export_links l SET used_at = clock_timestamp() WHERE l.hash = p_hash;
        INSERT INTO audit (actor, source, action, target, detail, address, outcome)
        VALUES (link.actor, 'api', 'store.download', store.id, export.id, p_address, 'done');
    END IF;
END $$;

-- A part of an export was fetched by a link: from p_from as far as before p_to. What was fetched whole ends the link.
-- Locks: the link.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION note_fetched(p_hash text, p_from bigint, p_to bigint) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE export_links l SET fetched = greatest(l.fetched, p_to),
        ended_at = CASE WHEN greatest(l.fetched, p_to) >= (SELECT e.bytes FROM exports e WHERE e.id = l.export_id) THEN clock_timestamp() END
     WHERE l.hash = p_hash AND l.ended_at IS NULL AND p_from <= l.fetched
$$;
