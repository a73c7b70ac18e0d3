-- Accepting new stores: one call, so one transaction and one round trip. The API calls accept_stores; create_store decides what cannot be
-- decided for many at once.
-- The settings: see claim_jobs.sql.

-- Accepts one store: checks idempotency key and quotas, takes a free namespace and with it the host, makes the store and its job. p_from:
-- the backup that it is filled with before it is ready, or 'archive-' and the archive; of a backup its volumes are at least as large as
-- those of the store that the backup is of, and its administrator gets a password of a revision that the dump has not. p_staging: it is a
-- copy to try things on. p_undeletes: the deleted store that it brings back.
-- Locks: the idempotency key's row; the backup or the import; store_usage 'total', then the owner's.
-- Returns: outcome accepted, repeated (the key's store), key_reused (the key came with another body), no_backup (it was just removed, or
-- its time is over), brought_back (another store brings it back), total_limit, user_limit or unit_limit; of accepted and repeated the
-- store, of accepted its job, of a limit how many are used, of unit_limit in units. Raises SW004 when both namespaces are taken.
CREATE OR REPLACE FUNCTION create_store(
    p_id text, p_name text, p_engine text, p_owner text, p_namespace text, p_suffixed text,
    p_plan text, p_total_limit integer, p_user_limit integer, p_unit_limit integer, p_key text, p_digest text, p_traceparent text,
    p_from text DEFAULT NULL, p_staging boolean DEFAULT false, p_undeletes text DEFAULT NULL,
    OUT outcome text, OUT accepted_job bigint, OUT used integer, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    known idempotency_keys;
    candidate text;
    weighed integer;
    origin record;
    archive text;
    revision integer;
    -- For what an archive has, which is no more than it is long.
    database_room integer;
    uploads_room integer;
BEGIN
    IF p_key IS NOT NULL THEN
        INSERT INTO idempotency_keys AS k (owner, key, body_digest, store_id)
        VALUES (coalesce(p_owner, ''), p_key, p_digest, p_id)
        ON CONFLICT (owner, key) DO UPDATE
            SET body_digest = excluded.body_digest, store_id = excluded.store_id, created_at = clock_timestamp()
            WHERE k.created_at < clock_timestamp() - interval '24 hours';
        IF NOT FOUND THEN
            SELECT * INTO known FROM idempotency_keys k WHERE k.owner = coalesce(p_owner, '') AND k.key = p_key;
            outcome := CASE WHEN known.body_digest = p_digest THEN 'repeated' ELSE 'key_reused' END;
            SELECT * INTO store FROM stores s WHERE s.id = known.store_id;
            RETURN;
        END IF;
    END IF;

    IF p_from LIKE 'archive-%' THEN
        -- While a store is made of it nobody removes it. One that is over may be half removed.
        UPDATE imports i SET expires_at = greatest(i.expires_at, clock_timestamp() + interval '1 hour')
         WHERE i.id = substr(p_from, 9) AND i.expires_at > clock_timestamp()
        RETURNING i.id, i.admin_revision, import_room(p_engine, 'database', least(i.database_bytes, i.bytes)),
                  import_room(p_engine, 'uploads', least(i.file_bytes, i.bytes)) INTO archive, revision, database_room, uploads_room;
    END IF;
    SELECT b.admin_revision, s.database_mib, s.uploads_mib INTO origin FROM backups b JOIN stores s ON s.id = b.store_id WHERE b.id = p_from
       FOR KEY SHARE OF b;
    IF p_from IS NOT NULL AND NOT FOUND AND archive IS NULL THEN
        outcome := 'no_backup';
    ELSIF EXISTS (SELECT 1 FROM stores s WHERE s.undeletes = p_undeletes AND s.deleted_at IS NULL) THEN
        outcome := 'brought_back';
    END IF;
    SELECT u.used INTO used FROM store_usage u WHERE u.scope = 'total' FOR UPDATE;
    IF outcome IS NOT NULL THEN
        NULL;
    ELSIF used >= p_total_limit THEN
        outcome := 'total_limit';
    ELSIF p_owner IS NOT NULL THEN
        SELECT u.used, u.weight INTO used, weighed FROM store_usage u WHERE u.scope = 'user:' || p_owner FOR UPDATE;
        IF coalesce(used, 0) >= p_user_limit THEN
            outcome := 'user_limit';
        ELSIF coalesce(weighed, 0) + store_weight(p_plan, false) > 2 * p_unit_limit THEN
            outcome := 'unit_limit';
            used := (coalesce(weighed, 0) + 1) / 2;
        END IF;
    END IF;
    IF outcome IS NOT NULL THEN
        -- A refusal is not repeated: the caller may use the key again when there is room.
        DELETE FROM idempotency_keys k WHERE k.owner = coalesce(p_owner, '') AND k.key = p_key AND k.store_id = p_id;
        RETURN;
    END IF;

    FOREACH candidate IN ARRAY ARRAY[p_namespace, p_suffixed] LOOP
        INSERT INTO stores AS s (id, name, engine, status, namespace, host, owner, plan, weight, restored_from, imported_from, staging, undeletes,
                                 admin_revision, database_mib, uploads_mib)
        VALUES (p_id, p_name, p_engine, 'provisioning', candidate, host_of(candidate), p_owner, p_plan, store_weight(p_plan, false),
                CASE WHEN archive IS NULL THEN p_from END, archive, p_staging, p_undeletes,
                coalesce(origin.admin_revision + 1, revision + 1, 0), coalesce(origin.database_mib, database_room),
                coalesce(origin.uploads_mib, uploads_room))
        ON CONFLICT (namespace) WHERE deleted_at IS NULL DO NOTHING
        RETURNING s.* INTO store;
        EXIT WHEN FOUND;
    END LOOP;
    IF store.id IS NULL THEN
        RAISE EXCEPTION 'namespaces % and % are both taken', p_namespace, p_suffixed USING ERRCODE = 'SW004';
    END IF;
    INSERT INTO jobs (store_id, kind, namespace, owner, traceparent)
    VALUES (p_id, 'provision', store.namespace, p_owner, p_traceparent) RETURNING id INTO accepted_job;
    outcome := 'accepted';
END $$;

-- As create_store, for many in one transaction. Arrays have an element for each; '' stands for NULL, and of plans for the default. Stores
-- that nothing stands in the way of are made with one statement for each table; create_store gets the others one by one: near a quota, with
-- a known key, with a taken namespace, made from a backup. Each is written into the audit if its actor is given. An error of one is an
-- error of all; the caller then repeats them alone. The generic plan: see claim_jobs.
-- Locks: store_usage 'total' first, since two calls with the same keys in another order would wait for each other; then as create_store.
-- Its holder is alone in counting, for everything that changes a user's count changes the total before it.
-- Returns: create_store's columns for each store, in any order, and user_limit and unit_limit, its owner's quotas, where it was decided
-- alone; `place` is its place in p_ids, from 1.
CREATE OR REPLACE FUNCTION accept_stores(
    p_ids text[], p_names text[], p_engines text[], p_owners text[], p_roles text[], p_namespaces text[], p_suffixed text[],
    p_plans text[], p_total_limit integer, p_user_limit integer, p_unit_limit integer, p_keys text[], p_digests text[], p_traceparents text[],
    p_actors text[], p_sources text[], p_addresses text[], p_froms text[] DEFAULT '{}', p_staging boolean[] DEFAULT '{}',
    p_actions text[] DEFAULT '{}', p_undeletes text[] DEFAULT '{}'
) RETURNS TABLE (
    place integer, outcome text, accepted_job bigint, used integer, user_limit integer, unit_limit integer, store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    total integer;
    plans text[];
    -- Places of the stores that are to be made together, and of those that were.
    plain integer[];
    made integer[];
    fresh text[];
    rows bigint;
    one record;
BEGIN
    SELECT u.used INTO total FROM store_usage u WHERE u.scope = 'total' FOR UPDATE;
    SELECT array_agg(coalesce(nullif(p.plan, ''), default_plan(p.engine)) ORDER BY p.n) INTO plans
      FROM unnest(p_plans, p_engines) WITH ORDINALITY AS p (plan, engine, n);
    -- Scalar subqueries find each row by its key; a join could read the whole table.
    SELECT array_agg(q.n ORDER BY q.n) INTO plain FROM (
        SELECT a.n, a.owner,
               coalesce((SELECT u.used FROM store_usage u WHERE u.scope = 'user:' || a.owner), 0) + count(*) OVER (PARTITION BY a.owner) AS wanted,
               coalesce((SELECT u.weight FROM store_usage u WHERE u.scope = 'user:' || a.owner), 0)
                   + sum(store_weight(a.plan, false)) OVER (PARTITION BY a.owner) AS weight,
               store_quota(a.owner, a.role, p_user_limit) AS quota, unit_quota(a.owner, a.role, p_unit_limit) AS units
          FROM unnest(p_owners, p_roles, plans) WITH ORDINALITY AS a (owner, role, plan, n)) q
     WHERE (q.owner = '' OR (q.wanted <= q.quota AND q.weight <= 2 * q.units)) AND coalesce(p_froms[q.n], '') = '';
    IF total + cardinality(p_ids) > p_total_limit THEN
        plain := NULL;
    END IF;
    IF plain IS NOT NULL AND EXISTS (SELECT 1 FROM unnest(p_keys) k WHERE k <> '') THEN
        WITH taken AS (
            INSERT INTO idempotency_keys AS k (owner, key, body_digest, store_id)
            SELECT DISTINCT ON (p_owners[n], p_keys[n]) p_owners[n], p_keys[n], p_digests[n], p_ids[n] FROM unnest(plain) n WHERE p_keys[n] <> ''
             ORDER BY p_owners[n], p_keys[n], n
            ON CONFLICT (owner, key) DO UPDATE
                SET body_digest = excluded.body_digest, store_id = excluded.store_id, created_at = clock_timestamp()
                WHERE k.created_at < clock_timestamp() - interval '24 hours'
            RETURNING k.store_id)
        SELECT array_agg(taken.store_id) INTO fresh FROM taken;
        SELECT array_agg(n ORDER BY n) INTO plain FROM unnest(plain) n WHERE p_keys[n] = '' OR p_ids[n] = ANY (fresh);
    END IF;

    IF plain IS NOT NULL THEN
        RETURN QUERY
        WITH new AS (
            INSERT INTO stores AS s (id, name, engine, status, namespace, host, owner, plan, weight)
            SELECT p_ids[n], p_names[n], p_engines[n], 'provisioning', p_namespaces[n], host_of(p_namespaces[n]), nullif(p_owners[n], ''),
                   plans[n], store_weight(plans[n], false)
              FROM unnest(plain) n
            ON CONFLICT (namespace) WHERE deleted_at IS NULL DO NOTHING RETURNING s),
        queued AS (
            INSERT INTO jobs AS j (store_id, kind, namespace, owner, traceparent)
            SELECT (new.s).id, 'provision', (new.s).namespace, (new.s).owner, nullif(p_traceparents[array_position(p_ids, (new.s).id)], '') FROM new
            RETURNING j.store_id, j.id)
        SELECT array_position(p_ids, queued.store_id), 'accepted', queued.id, NULL::integer, NULL::integer, NULL::integer, new.s
          FROM new JOIN queued ON queued.store_id = (new.s).id;
        GET DIAGNOSTICS rows = ROW_COUNT;
        made := plain;
        IF rows < cardinality(plain) THEN
            SELECT array_agg(array_position(p_ids, s.id)) INTO made FROM stores s WHERE s.id = ANY (p_ids);
        END IF;
        INSERT INTO audit (actor, source, action, target, detail, address, outcome)
        SELECT p_actors[n], p_sources[n], 'store.create', p_ids[n], 'accepted', nullif(p_addresses[n], ''), 'done'
          FROM unnest(made) n WHERE p_actors[n] <> '';
    END IF;

    FOR place IN SELECT n FROM generate_subscripts(p_ids, 1) n WHERE n <> ALL (coalesce(made, '{}')) LOOP
        -- The key that was taken for it above does not make it a repetition.
        IF p_keys[place] <> '' THEN
            DELETE FROM idempotency_keys k WHERE k.owner = p_owners[place] AND k.key = p_keys[place] AND k.store_id = p_ids[place];
        END IF;
        user_limit := store_quota(nullif(p_owners[place], ''), p_roles[place], p_user_limit);
        unit_limit := unit_quota(nullif(p_owners[place], ''), p_roles[place], p_unit_limit);
        SELECT * INTO one FROM create_store(
            p_ids[place], p_names[place], p_engines[place], nullif(p_owners[place], ''), p_namespaces[place], p_suffixed[place], plans[place],
            p_total_limit, user_limit, unit_limit, nullif(p_keys[place], ''), nullif(p_digests[place], ''), nullif(p_traceparents[place], ''),
            nullif(p_froms[place], ''), coalesce(p_staging[place], false), nullif(p_undeletes[place], ''));
        outcome := one.outcome;
        accepted_job := one.accepted_job;
        used := one.used;
        store := one.store;
        IF p_actors[place] <> '' THEN
            INSERT INTO audit (actor, source, action, target, detail, address, outcome)
            VALUES (p_actors[place], p_sources[place], coalesce(p_actions[place], 'store.create'), coalesce((one.store).id, p_names[place]), one.outcome,
                    nullif(p_addresses[place], ''), CASE WHEN one.outcome IN ('accepted', 'repeated') THEN 'done' ELSE 'refused' END);
        END IF;
        RETURN NEXT;
    END LOOP;
    PERFORM notice_quota(o.owner, o.stores, o.weight, store_quota(o.owner, o.role, p_user_limit), unit_quota(o.owner, o.role, p_unit_limit))
       FROM (SELECT s.owner, min(p_roles[array_position(p_ids, s.id)]) AS role, count(*) AS stores, sum(s.weight) AS weight
               FROM stores s WHERE s.id = ANY (p_ids) AND s.owner IS NOT NULL AND s.status = 'provisioning' GROUP BY s.owner) o;
END $$;
