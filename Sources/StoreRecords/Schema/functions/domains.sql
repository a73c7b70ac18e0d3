-- Own domains of stores.
-- The settings: see claim_jobs.sql.

-- What a store has of own domains, for its row and for those who follow it. Whoever changes that of `domains` has locked the store.
-- Locks: the store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION tell_domains() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    told text := CASE TG_OP WHEN 'DELETE' THEN OLD.store_id ELSE NEW.store_id END;
BEGIN
    UPDATE stores s SET domains = coalesce((
        SELECT string_agg(d.host || ' ' || d.state || CASE WHEN d.is_primary THEN ' primary' ELSE '' END, ',' ORDER BY d.id)
          FROM domains d WHERE d.store_id = s.id), '')
     WHERE s.id = told AND s.deleted_at IS NULL;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER domains_tell AFTER INSERT OR UPDATE OF state, is_primary OR DELETE ON domains FOR EACH ROW EXECUTE FUNCTION tell_domains();

-- A store that is being deleted has its hosts no longer: whoever proves them may have them.
-- Locks: the rows that it removes.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION free_domains() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM domains d WHERE d.store_id = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER stores_free_domains AFTER UPDATE OF status ON stores FOR EACH ROW
    WHEN (NEW.status = 'deleting' AND OLD.status <> 'deleting') EXECUTE FUNCTION free_domains();

-- At which hosts of its own a store is to be served, and which is its address.
-- Locks: nothing.
-- Returns: that, as stores.own_hosts and stores.primary_host have it.
CREATE OR REPLACE FUNCTION wanted_hosts(p_store text, OUT own_hosts text, OUT primary_host text) LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT coalesce(string_agg(d.host, ',' ORDER BY d.id), ''), max(d.host) FILTER (WHERE d.is_primary)
      FROM domains d WHERE d.store_id = p_store AND d.state = 'active'
$$;

-- Makes a generation of the store whose hosts are those of `domains`, unless they are that already. The caller has locked the store and its
-- unfinished jobs. A store that cannot be changed now is left as it is.
-- Locks: as queue_change.
-- Returns: is_so: the store is wanted with those hosts now; the job, where one was queued or takes it along.
CREATE OR REPLACE FUNCTION serve_domains(
    p_store text, p_by text, p_traceparent text, p_class integer, OUT is_so boolean, OUT accepted_job bigint
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    store stores;
    wanted record;
BEGIN
    SELECT * INTO store FROM stores s WHERE s.id = p_store AND s.deleted_at IS NULL;
    SELECT * INTO wanted FROM wanted_hosts(p_store);
    is_so := (store.own_hosts, store.primary_host) IS NOT DISTINCT FROM (wanted.own_hosts, wanted.primary_host);
    IF is_so OR store.status IS DISTINCT FROM 'ready' OR store.drift IS NOT NULL OR EXISTS (
        SELECT 1 FROM jobs j WHERE j.store_id = p_store AND j.state IN ('queued', 'running') AND j.kind = 'restore') THEN
        RETURN;
    END IF;
    accepted_job := queue_change(store, spec_of(store), store.pinned, false, p_by, p_traceparent, p_class, false);
    is_so := true;
END $$;

-- Claims a host for a store. p_visible_to: see lock_store. p_take_over: also where another store has proved it,
-- which whoever proves it anew then loses it to.
-- Locks: the store's unfinished jobs, the store, the owner's domains (an advisory lock).
-- Returns: outcome accepted, repeated (the store has it), too_many (of the store), too_many_pending (of the owner), taken, not_ready (the
-- store is being deleted) or not_found; the row of the first two.
CREATE OR REPLACE FUNCTION add_domain(
    p_id text, p_visible_to text, p_host text, p_token text, p_take_over boolean, p_most integer, p_most_pending integer,
    OUT outcome text, OUT domain domains
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    store stores := lock_store(p_id, p_visible_to, 'manager');
BEGIN
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    -- Two that count at once, for two stores of an owner, would both find room.
    PERFORM pg_advisory_xact_lock(hashtext('store-weaver:domains:' || coalesce(store.owner, '')));
    SELECT * INTO domain FROM domains d WHERE d.store_id = p_id AND d.host = p_host;
    outcome := CASE
        WHEN domain.id IS NOT NULL THEN 'repeated'
        WHEN store.status = 'deleting' THEN 'not_ready'
        WHEN (SELECT count(*) FROM domains d WHERE d.store_id = p_id) >= p_most THEN 'too_many'
        WHEN (SELECT count(*) FROM domains d WHERE d.owner IS NOT DISTINCT FROM store.owner AND d.state = 'pending') >= p_most_pending
            THEN 'too_many_pending'
        WHEN NOT p_take_over AND EXISTS (SELECT 1 FROM domains d WHERE d.host = p_host AND d.state <> 'pending') THEN 'taken'
        ELSE 'accepted' END;
    IF outcome = 'accepted' THEN
        INSERT INTO domains (store_id, owner, host, token) VALUES (p_id, store.owner, p_host, p_token) RETURNING * INTO domain;
    END IF;
END $$;

-- Takes a host away from a store, which is served there no more.
-- Locks: the store's unfinished jobs, the store; as queue_change.
-- Returns: outcome accepted, primary (the address must be another one first), no_domain or not_found; the job, where the cluster changes,
-- its kind and class; the store.
CREATE OR REPLACE FUNCTION remove_domain(
    p_id text, p_visible_to text, p_host text, p_by text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT accepted_class integer, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    store := lock_store(p_id, p_visible_to, 'manager');
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    ELSIF EXISTS (SELECT 1 FROM domains d WHERE d.store_id = p_id AND d.host = p_host AND d.is_primary) THEN
        outcome := 'primary';
        RETURN;
    END IF;
    DELETE FROM domains d WHERE d.store_id = p_id AND d.host = p_host;
    IF NOT FOUND THEN
        outcome := 'no_domain';
        RETURN;
    END IF;
    outcome := 'accepted';
    accepted_job := (serve_domains(p_id, p_by, p_traceparent, 1)).accepted_job;
    SELECT j.kind, j.class INTO accepted_kind, accepted_class FROM jobs j WHERE j.id = accepted_job;
    SELECT * INTO store FROM stores s WHERE s.id = p_id;
END $$;

-- Makes a host the store's address: one of its own that is active, or the host of ours.
-- Locks: as remove_domain.
-- Returns: outcome accepted, unchanged, not_active, not_ready (the store cannot be changed now), no_domain or not_found; the rest as
-- remove_domain.
CREATE OR REPLACE FUNCTION choose_primary_domain(
    p_id text, p_visible_to text, p_host text, p_by text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT accepted_kind text, OUT accepted_class integer, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    chosen domains;
BEGIN
    store := lock_store(p_id, p_visible_to, 'manager');
    SELECT * INTO chosen FROM domains d WHERE d.store_id = p_id AND d.host = p_host;
    outcome := CASE
        WHEN store.id IS NULL THEN 'not_found'
        WHEN chosen.id IS NULL AND p_host IS DISTINCT FROM store.host THEN 'no_domain'
        WHEN chosen.state <> 'active' THEN 'not_active'
        WHEN chosen.is_primary OR chosen.id IS NULL AND NOT EXISTS (SELECT 1 FROM domains d WHERE d.store_id = p_id AND d.is_primary) THEN 'unchanged'
        WHEN store.status <> 'ready' OR store.drift IS NOT NULL THEN 'not_ready'
        ELSE 'accepted' END;
    IF outcome <> 'accepted' THEN
        RETURN;
    END IF;
    UPDATE domains d SET is_primary = false WHERE d.store_id = p_id AND d.is_primary;
    UPDATE domains d SET is_primary = true WHERE d.id = chosen.id;
    accepted_job := (serve_domains(p_id, p_by, p_traceparent, 1)).accepted_job;
    SELECT j.kind, j.class INTO accepted_kind, accepted_class FROM jobs j WHERE j.id = accepted_job;
    SELECT * INTO store FROM stores s WHERE s.id = p_id;
END $$;

-- Takes one certificate's order from what may be ordered in an hour.
-- Locks: certificate_budget.
-- Returns: NULL; where there is none, when there will be.
CREATE OR REPLACE FUNCTION take_certificate_order(p_per_hour integer) RETURNS timestamptz LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    there double precision;
BEGIN
    INSERT INTO certificate_budget (tokens, at) VALUES (p_per_hour, clock_timestamp()) ON CONFLICT DO NOTHING;
    SELECT least(p_per_hour, b.tokens + extract(epoch FROM clock_timestamp() - b.at) * p_per_hour / 3600) INTO there
      FROM certificate_budget b FOR UPDATE;
    UPDATE certificate_budget SET tokens = CASE WHEN there >= 1 THEN there - 1 ELSE there END, at = clock_timestamp() WHERE one;
    RETURN CASE WHEN there < 1 THEN clock_timestamp() + seconds((1 - there) * 3600 / p_per_hour) END;
END $$;

-- Whether no other store is or may be served at a host in the cluster now: two Ingresses of one host would fight.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION host_is_free(p_host text, p_store text) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT NOT EXISTS (
        SELECT 1 FROM store_specs g JOIN stores s ON s.id = g.store_id
         WHERE g.own_hosts <> '' AND p_host = ANY (string_to_array(g.own_hosts, ',')) AND g.store_id <> p_store
           AND s.deleted_at IS NULL AND g.generation >= s.applied_generation AND g.outcome IS DISTINCT FROM 'kept')
$$;

-- Writes what was seen of a domain, and moves it on by that. p_proved: its TXT record is there; NULL: that was not looked at, or no resolver
-- answered. p_reached: the host leads here; NULL likewise. p_error: what is missing. p_until: when its certificate ends. p_orders: how many
-- certificates may be ordered in an hour; NULL: this one orders none.
-- A pending one that is proved has its host, unless another store is active there: from that it is taken after three days. An active
-- one that does not lead here for two weeks is served no more, unless its store does not serve.
-- Locks: the unfinished jobs and the rows of the store and of the one that has the host; as queue_change.
-- Returns: the state it has now, NULL where it is gone; the jobs that follow from it.
CREATE OR REPLACE FUNCTION note_domain(
    p_domain bigint, p_proved boolean, p_reached boolean, p_error text, p_until timestamptz, p_orders integer,
    OUT became text, OUT accepted_jobs bigint[]
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    checker CONSTANT text := 'domain-check';
    domain domains;
    other domains;
    was text;
    next_at timestamptz;
    now CONSTANT timestamptz := clock_timestamp();
    is_served boolean;
    one text;
BEGIN
    SELECT * INTO domain FROM domains d WHERE d.id = p_domain;
    FOR one IN SELECT DISTINCT d.store_id FROM domains d WHERE d.id = p_domain OR d.host = domain.host AND d.state <> 'pending' ORDER BY 1 LOOP
        PERFORM lock_any_store(one);
    END LOOP;
    SELECT * INTO domain FROM domains d WHERE d.id = p_domain FOR UPDATE;
    IF domain.id IS NULL THEN
        RETURN;
    END IF;
    was := domain.state;
    domain.checked_at := now;
    domain.error := left(p_error, 1000);
    domain.certificate_until := coalesce(p_until, domain.certificate_until);
    -- Where the store itself does not answer, that says nothing of the way to it.
    SELECT is_to_serve(s) AND s.health IS DISTINCT FROM 'degraded' INTO is_served FROM stores s WHERE s.id = domain.store_id;
    domain.failing_since := CASE WHEN p_reached THEN NULL WHEN NOT p_reached AND is_served THEN coalesce(domain.failing_since, now) ELSE domain.failing_since END;

    IF domain.state = 'pending' AND NOT p_proved THEN
        domain.takes_over_at := NULL;
    ELSIF domain.state = 'pending' AND p_proved THEN
        SELECT * INTO other FROM domains d WHERE d.host = domain.host AND d.state <> 'pending' FOR UPDATE;
        IF other.state = 'active' THEN
            domain.takes_over_at := coalesce(domain.takes_over_at, now + interval '72 hours');
        END IF;
        IF other.state = 'active' AND domain.takes_over_at > now THEN
            domain.error := 'Proved. Another store is served at this address now; it becomes this store''s when three days have passed.';
        ELSE
            IF other.id IS NOT NULL THEN
                DELETE FROM domains d WHERE d.id = other.id;
                INSERT INTO audit (actor, source, action, target, detail, outcome)
                VALUES (checker, 'worker', 'domain.lose', other.store_id, other.host || ' was proved by another store', 'done');
                PERFORM give_notice('domain.lost', s, other.host) FROM stores s WHERE s.id = other.store_id;
                accepted_jobs := accepted_jobs || (serve_domains(other.store_id, checker, NULL, 2)).accepted_job;
            END IF;
            domain.state := 'verified';
            domain.takes_over_at := NULL;
        END IF;
    END IF;

    IF domain.state IN ('verified', 'failing') AND p_reached THEN
        domain.next_order_at := NULL;
        IF NOT host_is_free(domain.host, domain.store_id) THEN
            domain.error := 'The store that was served at this address before is being taken away from it.';
        ELSE
            -- What is kept of a store that is gone is used again.
            IF p_orders IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM kept_certificates k
                 WHERE k.host = domain.host AND k.owner IS NOT DISTINCT FROM domain.owner AND k.valid_until > now + interval '14 days') THEN
                domain.next_order_at := take_certificate_order(p_orders);
            END IF;
            IF domain.next_order_at IS NULL THEN
                domain.state := 'active';
            ELSE
                domain.error := 'Everything is right. Its certificate waits, since many were ordered within the hour.';
            END IF;
        END IF;
    ELSIF domain.state = 'active' AND is_served AND domain.failing_since < now - interval '14 days' THEN
        domain.state := 'failing';
        domain.is_primary := false;
        PERFORM give_notice('domain.failing', s, domain.host) FROM stores s WHERE s.id = domain.store_id;
    END IF;

    -- What is as it should be is looked at once a day, all else soon at first, and then ever more rarely.
    next_at := now + CASE
        WHEN domain.state = 'active' AND was = 'active' AND domain.failing_since IS NULL AND domain.error IS NULL THEN interval '1 day'
        ELSE least(greatest((now - domain.created_at) / 10, interval '30 seconds'),
                   CASE WHEN domain.state IN ('active', 'failing') THEN interval '1 hour' ELSE interval '6 hours' END) END;
    UPDATE domains d SET state = domain.state, is_primary = domain.is_primary, takes_over_at = domain.takes_over_at,
        checked_at = now, check_at = coalesce(domain.next_order_at, next_at), failing_since = domain.failing_since,
        certificate_until = domain.certificate_until, next_order_at = domain.next_order_at, error = domain.error
     WHERE d.id = p_domain;
    IF domain.state <> was THEN
        INSERT INTO audit (actor, source, action, target, detail, outcome)
        VALUES (checker, 'worker', 'domain.' || domain.state, domain.store_id, domain.host, 'done');
    END IF;
    accepted_jobs := array_remove(accepted_jobs || (serve_domains(domain.store_id, checker, NULL, 2)).accepted_job, NULL);
    became := domain.state;
END $$;

-- Stores that are not wanted with the hosts that `domains` has: their change was taken back, or could not be made then.
-- Locks: nothing.
-- Returns: their ids; those whose last change failed within the hour not yet.
CREATE OR REPLACE FUNCTION unserved_domains(p_most integer) RETURNS SETOF text LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT s.id FROM stores s CROSS JOIN LATERAL wanted_hosts(s.id) w
     WHERE (s.own_hosts <> '' OR s.domains <> '') AND s.deleted_at IS NULL AND s.status = 'ready' AND s.drift IS NULL
       AND (s.own_hosts, s.primary_host) IS DISTINCT FROM (w.own_hosts, w.primary_host)
       AND coalesce(s.change_error_at < clock_timestamp() - interval '1 hour', true)
       AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = s.id AND j.state IN ('queued', 'running'))
     ORDER BY s.id LIMIT p_most
$$;

-- Makes a generation of such a store.
-- Locks: as remove_domain.
-- Returns: the job; NULL: there is none to do.
CREATE OR REPLACE FUNCTION serve_again(p_id text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lock_any_store(p_id);
    RETURN (serve_domains(p_id, 'domain-check', NULL, 2)).accepted_job;
END $$;

-- Whether a store cannot be brought to the hosts that it should have, since it failed or lost something; nothing of it is being done.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION is_stranded(store stores) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT store.deleted_at IS NULL AND (store.status = 'failed' OR store.status = 'ready' AND store.drift IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.store_id = store.id AND j.state IN ('queued', 'running'))
$$;

-- Hosts that such stores may be served at in the cluster, and that are theirs no more.
-- Locks: nothing.
-- Returns: them; each stands in the way of whoever has it now.
CREATE OR REPLACE FUNCTION stranded_hosts(p_most integer) RETURNS TABLE (store_id text, namespace text, host text) LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT DISTINCT s.id, s.namespace, h.host FROM store_specs g JOIN stores s ON s.id = g.store_id
     CROSS JOIN LATERAL unnest(string_to_array(g.own_hosts, ',')) AS h (host)
     WHERE g.own_hosts <> '' AND is_stranded(s) AND g.generation >= s.applied_generation AND g.outcome IS DISTINCT FROM 'kept'
       AND NOT EXISTS (SELECT 1 FROM domains d WHERE d.store_id = s.id AND d.host = h.host AND d.state = 'active')
     ORDER BY s.id, h.host LIMIT p_most
$$;

-- Holds the lease of such a store's namespace for p_lease seconds, while a worker takes a host from it. An attempt that wants it waits.
-- Locks: the namespace's lease, the store's unfinished jobs, the store.
-- Returns: the fence; NULL when there is no need any more, or the namespace is held, or was until a moment ago.
CREATE OR REPLACE FUNCTION hold_stranded_store(p_store text, p_holder text, p_attempt text, p_lease double precision) RETURNS bigint
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    store stores;
    granted bigint;
BEGIN
    -- In the order of claims.
    SELECT * INTO store FROM stores s WHERE s.id = p_store;
    INSERT INTO namespace_leases (namespace) VALUES (store.namespace) ON CONFLICT DO NOTHING;
    PERFORM 1 FROM namespace_leases l WHERE l.namespace = store.namespace AND l.expires_at <= clock_timestamp() - interval '5 seconds' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    store := lock_any_store(p_store);
    IF NOT coalesce(is_stranded(store), false) THEN
        RETURN NULL;
    END IF;
    UPDATE namespace_leases l SET fence = nextval('fences'), attempt_id = p_attempt, job_id = NULL, worker = p_holder,
        expires_at = clock_timestamp() + seconds(p_lease)
     WHERE l.namespace = store.namespace RETURNING l.fence INTO granted;
    RETURN granted;
END $$;

-- Notes that a store is served at a host no more: no generation of it has the host, whichever a retry makes true. The caller holds the
-- namespace by the fence, and has removed the Ingress.
-- Locks: the namespace's lease, the store, its rows of store_specs.
-- Returns: whether that was written; not when the lease was lost.
CREATE OR REPLACE FUNCTION withdraw_host(p_store text, p_host text, p_namespace text, p_fence bigint, p_attempt text) RETURNS boolean
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF NOT holds_lease(p_namespace, p_fence, p_attempt) THEN
        RETURN false;
    END IF;
    UPDATE stores s SET own_hosts = array_to_string(array_remove(string_to_array(s.own_hosts, ','), p_host), ','),
        primary_host = nullif(s.primary_host, p_host)
     WHERE s.id = p_store;
    UPDATE store_specs g SET own_hosts = array_to_string(array_remove(string_to_array(g.own_hosts, ','), p_host), ','),
        primary_host = nullif(g.primary_host, p_host)
     WHERE g.store_id = p_store AND g.own_hosts <> '' AND p_host = ANY (string_to_array(g.own_hosts, ','));
    INSERT INTO audit (actor, source, action, target, detail, outcome)
    VALUES ('domain-check', 'worker', 'domain.withdraw', p_store, p_host, 'done');
    RETURN true;
END $$;
