-- Accepting a change of a store's spec.
-- The settings: see claim_jobs.sql.

-- What a store is to be now, as a generation of it: for who changes some of that.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION spec_of(store stores) RETURNS store_specs LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    spec store_specs;
BEGIN
    spec.name := store.name;
    spec.plan := store.plan;
    spec.version := store.version;
    spec.asleep := store.asleep;
    spec.database_mib := store.database_mib;
    spec.uploads_mib := store.uploads_mib;
    spec.storage_class := store.storage_class;
    spec.host := store.host;
    spec.admin_revision := store.admin_revision;
    RETURN spec;
END $$;

-- Makes the next generation of a store and sees that a job makes it true: a queued change takes it along, a running one is followed by
-- another attempt. `wanted`: the columns of the new generation; its own hosts are always those that `domains` has by now. The caller has
-- locked the store's unfinished jobs, and the store.
-- Locks: the rows that it writes; store_usage if the store is to count otherwise.
-- Returns: the job.
CREATE OR REPLACE FUNCTION queue_change(
    store stores, wanted store_specs, p_pinned boolean, p_from_files boolean, p_by text, p_traceparent text, p_class integer, p_take_over boolean
) RETURNS bigint LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    job bigint;
    doing text;
    hosts record;
BEGIN
    SELECT * INTO hosts FROM wanted_hosts(store.id);
    doing := CASE
        WHEN store.activity = 'waking' AND NOT wanted.asleep THEN 'waking'
        WHEN wanted.asleep AND NOT store.asleep THEN 'falling-asleep'
        WHEN store.asleep AND NOT wanted.asleep THEN 'waking'
        WHEN wanted.version IS DISTINCT FROM store.version OR p_from_files THEN 'upgrading'
        WHEN wanted.plan <> store.plan OR wanted.database_mib IS DISTINCT FROM store.database_mib
            OR wanted.uploads_mib IS DISTINCT FROM store.uploads_mib THEN 'resizing'
        WHEN wanted.admin_revision <> store.admin_revision THEN 'renewing-password'
        WHEN wanted.name <> store.name OR (hosts.own_hosts, hosts.primary_host) IS DISTINCT FROM (store.own_hosts, store.primary_host) THEN 'renaming'
        ELSE coalesce(nullif(store.activity, 'backing-up'), 'upgrading') END;
    INSERT INTO store_specs (store_id, generation, name, plan, version, asleep, database_mib, uploads_mib, storage_class, host, admin_revision,
                             own_hosts, primary_host, from_files, takes_over, changed_by)
    VALUES (store.id, store.generation + 1, wanted.name, wanted.plan, wanted.version, wanted.asleep, wanted.database_mib, wanted.uploads_mib,
            wanted.storage_class, wanted.host, wanted.admin_revision, hosts.own_hosts, hosts.primary_host, p_from_files, p_take_over, p_by);
    -- What nobody needs any more: older than the last that was applied, and than the last twenty.
    DELETE FROM store_specs g WHERE g.store_id = store.id AND g.generation < store.applied_generation AND g.generation < store.generation - 19;
    -- What nobody waits for waits for the backup in its turn.
    IF p_class = 1 THEN
        PERFORM cancel_nightly(store.id);
    END IF;
    SELECT j.id INTO job FROM jobs j WHERE j.store_id = store.id AND j.state IN ('queued', 'running') AND j.class <> 0 AND j.kind <> 'backup'
     ORDER BY j.class LIMIT 1;
    IF job IS NULL THEN
        INSERT INTO jobs (store_id, kind, class, namespace, owner, traceparent)
        VALUES (store.id, CASE store.status WHEN 'ready' THEN 'apply' ELSE 'retry' END, p_class, store.namespace, store.owner, p_traceparent)
        RETURNING id INTO job;
    ELSE
        -- Only where it differs: a claim that holds the job may wait for the store.
        UPDATE jobs j SET class = p_class WHERE j.id = job AND j.class > p_class;
    END IF;
    UPDATE stores s SET generation = s.generation + 1, name = wanted.name, plan = wanted.plan, version = wanted.version, asleep = wanted.asleep,
        database_mib = wanted.database_mib, uploads_mib = wanted.uploads_mib, storage_class = wanted.storage_class, host = wanted.host,
        admin_revision = wanted.admin_revision, own_hosts = hosts.own_hosts, primary_host = hosts.primary_host, pinned = p_pinned, activity = CASE s.status WHEN 'ready' THEN doing END,
        change_error_code = NULL, change_error = NULL, change_error_at = NULL
     WHERE s.id = store.id;
    RETURN job;
END $$;

-- Whether a store's owner has too few units for what it is to be. p_unit_limit NULL: only a quota that was set for the user or the role
-- counts.
-- Locks: store_usage 'total', then the owner's, when the store is to weigh more.
-- Returns: how many units are used and allowed; NULL where there are enough.
CREATE OR REPLACE FUNCTION units_short(
    store stores, wanted store_specs, p_role text, p_unit_limit integer, OUT used integer, OUT allowed integer
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    heavier integer := store_weight(wanted.plan, wanted.asleep) - store.weight;
    weighed integer;
    quota integer;
BEGIN
    IF heavier <= 0 OR store.owner IS NULL THEN
        RETURN;
    END IF;
    -- The trigger's order: the total before the owner's.
    PERFORM 1 FROM store_usage u WHERE u.scope = 'total' FOR UPDATE;
    SELECT u.weight INTO weighed FROM store_usage u WHERE u.scope = 'user:' || store.owner FOR UPDATE;
    quota := unit_quota(store.owner, p_role, p_unit_limit);
    IF coalesce(weighed, 0) + heavier > 2 * quota THEN
        used := (coalesce(weighed, 0) + 1) / 2;
        allowed := quota;
    END IF;
END $$;

-- Changes what is given of a store's spec; NULL leaves a column as it is. p_visible_to: see lock_store.
-- p_generation: what the generation has to be. p_renew: a new password for the administrator. p_from_files: the values are made anew from
-- the worker's files. p_unit_limit: how many units its owner may have where no quota of theirs says otherwise. A failed store is retried
-- with it. p_schedule, p_schedule_next: see set_schedule; it is set with what else is accepted, or not at all.
-- Locks: the store's unfinished jobs, the store; store_usage if the store is to count otherwise.
-- Returns: outcome accepted, unchanged, scheduled (nothing but the schedule was changed, which needs no job), stale, not_ready (no change
-- can be made now), smaller (than the volume `field`), unit_limit, no_version (no worker has it), blocked
-- (that version did not prove itself in the store) or not_found; of accepted the job, its kind and class; of unit_limit how many units are
-- used and allowed; the store.
CREATE OR REPLACE FUNCTION change_store(
    p_id text, p_visible_to text, p_generation bigint, p_name text, p_plan text, p_version text, p_database_mib integer, p_uploads_mib integer,
    p_asleep boolean, p_renew boolean, p_from_files boolean, p_unit_limit integer, p_role text, p_by text, p_traceparent text, p_class integer,
    p_schedule text, p_schedule_next timestamptz,
    OUT outcome text, OUT field text, OUT used integer, OUT allowed integer, OUT accepted_job bigint, OUT accepted_kind text, OUT accepted_class integer, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    wanted store_specs;
BEGIN
    store := lock_store(p_id, p_visible_to, CASE WHEN p_renew OR p_plan IS NOT NULL OR p_database_mib IS NOT NULL OR p_uploads_mib IS NOT NULL
        THEN 'owner' ELSE 'manager' END);
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    ELSIF p_generation IS NOT NULL AND p_generation <> store.generation THEN
        outcome := 'stale';
        RETURN;
    END IF;
    wanted := spec_of(store);
    wanted.name := coalesce(p_name, wanted.name);
    wanted.plan := coalesce(p_plan, wanted.plan);
    wanted.version := coalesce(p_version, wanted.version);
    wanted.asleep := coalesce(p_asleep, wanted.asleep);
    wanted.database_mib := coalesce(p_database_mib, wanted.database_mib);
    wanted.uploads_mib := coalesce(p_uploads_mib, wanted.uploads_mib);
    wanted.admin_revision := wanted.admin_revision + CASE WHEN p_renew THEN 1 ELSE 0 END;
    -- What was not tried to its end is no reason to call it so.
    IF NOT p_from_files AND (store.change_error IS NULL OR EXISTS (
            SELECT 1 FROM store_specs g WHERE g.store_id = p_id AND g.generation = store.generation AND g.outcome IS NOT NULL))
        AND (wanted.name, wanted.plan, wanted.version, wanted.asleep, wanted.database_mib, wanted.uploads_mib, wanted.admin_revision)
        IS NOT DISTINCT FROM (store.name, store.plan, store.version, store.asleep, store.database_mib, store.uploads_mib, store.admin_revision) THEN
        outcome := CASE WHEN set_schedule(p_id, p_schedule, p_schedule_next) THEN 'scheduled' ELSE 'unchanged' END;
        SELECT * INTO store FROM stores s WHERE s.id = p_id;
        RETURN;
    END IF;
    -- Asked for twice, one new password is enough.
    IF p_renew AND store.activity = 'renewing-password' THEN
        outcome := 'not_ready';
        RETURN;
    END IF;
    -- A failed store may be given another plan or name for the retry, and another version if it was ever ready. What a restore left half
    -- done only a restore can end. While an upgrade may go back, nothing else is changed.
    IF store.status NOT IN ('ready', 'failed') OR store.drift IS NOT NULL
        OR EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = p_id AND j.state IN ('queued', 'running') AND j.kind <> 'backup'
               AND (j.backup_id IS NOT NULL OR j.phase = 'closing'))
        OR (store.status = 'failed' AND (
        p_renew OR wanted.asleep <> store.asleep
        OR p_database_mib IS NOT NULL OR p_uploads_mib IS NOT NULL OR (store.first_ready_at IS NULL AND p_version IS NOT NULL)
        OR (last_job(p_id)).kind IN ('delete', 'restore') OR half_restored(p_id) OR half_upgraded(p_id))) THEN
        outcome := 'not_ready';
        RETURN;
    END IF;
    field := CASE WHEN p_database_mib < store.database_mib THEN 'storage.database' WHEN p_uploads_mib < store.uploads_mib THEN 'storage.uploads' END;
    IF field IS NOT NULL THEN
        outcome := 'smaller';
        RETURN;
    END IF;
    IF p_version IS NOT NULL AND p_version IS DISTINCT FROM store.version
        AND NOT has_chart(store.engine, p_version) THEN
        outcome := 'no_version';
        RETURN;
    END IF;
    IF p_version IS DISTINCT FROM store.version AND p_version = ANY (store.blocked_versions) AND NOT p_from_files THEN
        outcome := 'blocked';
        RETURN;
    END IF;
    SELECT r.used, r.allowed INTO used, allowed FROM units_short(store, wanted, p_role, p_unit_limit) r;
    IF allowed IS NOT NULL THEN
        outcome := 'unit_limit';
        RETURN;
    END IF;
    accepted_job := queue_change(
        store, wanted, store.pinned, p_from_files OR wanted.version IS DISTINCT FROM store.version, p_by, p_traceparent, p_class, false);
    IF store.owner IS NOT NULL AND store_weight(wanted.plan, wanted.asleep) > store.weight THEN
        PERFORM notice_quota(store.owner, 0, store_weight(wanted.plan, wanted.asleep) - store.weight, store_quota(store.owner, p_role, NULL),
                             unit_quota(store.owner, p_role, p_unit_limit));
    END IF;
    IF store.status = 'failed' THEN
        PERFORM forget_rendered(p_id);
        PERFORM begin_anew(p_id, accepted_job);
    END IF;
    PERFORM set_schedule(p_id, p_schedule, p_schedule_next);
    SELECT j.kind, j.class INTO accepted_kind, accepted_class FROM jobs j WHERE j.id = accepted_job;
    SELECT * INTO store FROM stores s WHERE s.id = p_id;
    outcome := 'accepted';
END $$;
