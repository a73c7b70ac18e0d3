-- Who works on a store beside its owner, and how a store becomes another's.
-- The settings: see claim_jobs.sql.

-- Whether somebody is a member of a store and may do there what p_least may. Nobody but the owner, who is no member, may do everything.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION is_member(p_store text, p_user text, p_least text) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT EXISTS (SELECT 1 FROM store_members m
                    WHERE m.store_id = p_store AND m.member = p_user AND m.removed_at IS NULL
                      AND (p_least = 'viewer' OR p_least = m.role))
$$;

-- Whether a store is open to somebody who is to be p_least of it: viewer, manager or owner. p_user NULL: to everybody.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION is_open_to(store stores, p_user text, p_least text) RETURNS boolean LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT p_user IS NULL OR coalesce(store.owner = p_user, false) OR is_member(store.id, p_user, p_least)
$$;

-- Tells those who follow a store that who sees it has changed.
-- Locks: the store.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION tell_members(p_store text) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE stores s SET owner = s.owner WHERE s.id = p_store AND s.deleted_at IS NULL
$$;

-- Makes somebody a member, or a member something else. The caller has locked the store.
-- Locks: the member's row.
-- Returns: whether anything changed.
CREATE OR REPLACE FUNCTION put_member(p_store text, p_member text, p_role text, p_by text) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO store_members AS m (store_id, member, role, added_by) VALUES (p_store, p_member, p_role, p_by)
    ON CONFLICT (store_id, member) DO UPDATE
        SET role = excluded.role, added_by = excluded.added_by, removed_at = NULL,
            added_at = CASE WHEN m.removed_at IS NULL THEN m.added_at ELSE excluded.added_at END
        WHERE m.removed_at IS NOT NULL OR m.role <> excluded.role;
    IF FOUND THEN
        PERFORM tell_members(p_store);
        RETURN true;
    END IF;
    RETURN false;
END $$;

-- Locks: nothing.
-- Returns: how many people are, or are invited to be, members of a store.
CREATE OR REPLACE FUNCTION count_members(p_store text) RETURNS bigint LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT (SELECT count(*) FROM store_members m WHERE m.store_id = p_store AND m.removed_at IS NULL)
         + (SELECT count(*) FROM store_invitations i WHERE i.store_id = p_store AND i.role <> 'owner' AND i.expires_at > clock_timestamp())
$$;

-- Makes somebody whose id is known a member at once. p_visible_to: see lock_store. p_most: how many people may be members or be invited.
-- Locks: as lock_store; the member's row.
-- Returns: outcome done, unchanged, is_owner (the store is theirs), too_many, not_ready (the store is being deleted) or not_found; the
-- store.
CREATE OR REPLACE FUNCTION set_member(
    p_id text, p_visible_to text, p_member text, p_role text, p_by text, p_most integer, OUT outcome text, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    store := lock_store(p_id, p_visible_to, 'owner');
    outcome := CASE
        WHEN store.id IS NULL THEN 'not_found'
        WHEN store.status = 'deleting' THEN 'not_ready'
        WHEN store.owner = p_member THEN 'is_owner'
        WHEN NOT is_member(p_id, p_member, 'viewer') AND count_members(p_id) >= p_most THEN 'too_many'
        WHEN put_member(p_id, p_member, p_role, p_by) THEN 'done'
        ELSE 'unchanged' END;
END $$;

-- Ends a membership: the owner anybody's, members their own.
-- Locks: as lock_store; the member's row.
-- Returns: outcome done, no_member or not_found.
CREATE OR REPLACE FUNCTION remove_member(p_id text, p_visible_to text, p_member text, OUT outcome text) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    store stores := lock_store(p_id, p_visible_to, CASE WHEN p_member = p_visible_to THEN 'viewer' ELSE 'owner' END);
BEGIN
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    UPDATE store_members m SET removed_at = clock_timestamp() WHERE m.store_id = p_id AND m.member = p_member AND m.removed_at IS NULL;
    outcome := CASE WHEN FOUND THEN 'done' ELSE 'no_member' END;
    IF FOUND THEN
        PERFORM tell_members(p_id);
    END IF;
END $$;

-- Invites whoever has a link to a store. p_role owner: it offers the store, and takes the place of an earlier offer. The other parameters:
-- as the columns of store_invitations, and set_member.
-- Locks: as lock_store; the offer that it replaces.
-- Returns: outcome invited, too_many, not_ready (the store is being deleted) or not_found; the invitation; the store.
CREATE OR REPLACE FUNCTION invite_member(
    p_id text, p_visible_to text, p_invitation text, p_hash text, p_role text, p_leaves_as text, p_email text, p_seconds double precision, p_by text,
    p_most integer,
    OUT outcome text, OUT invitation store_invitations, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    store := lock_store(p_id, p_visible_to, 'owner');
    outcome := CASE
        WHEN store.id IS NULL THEN 'not_found'
        WHEN store.status = 'deleting' THEN 'not_ready'
        WHEN p_role <> 'owner' AND count_members(p_id) >= p_most THEN 'too_many'
        ELSE 'invited' END;
    IF outcome <> 'invited' THEN
        RETURN;
    END IF;
    DELETE FROM store_invitations i WHERE i.store_id = p_id AND (i.role = 'owner' AND p_role = 'owner' OR i.expires_at <= clock_timestamp());
    INSERT INTO store_invitations (id, store_id, secret_hash, role, leaves_as, email, invited_by, expires_at)
    VALUES (p_invitation, p_id, p_hash, p_role, p_leaves_as, p_email, p_by, clock_timestamp() + make_interval(secs => p_seconds))
    RETURNING * INTO invitation;
END $$;

-- Withdraws an invitation.
-- Locks: as lock_store; the invitation.
-- Returns: outcome done, no_invitation or not_found.
CREATE OR REPLACE FUNCTION withdraw_invitation(p_id text, p_visible_to text, p_invitation text, OUT outcome text) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    store stores := lock_store(p_id, p_visible_to, 'owner');
BEGIN
    IF store.id IS NULL THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    DELETE FROM store_invitations i WHERE i.id = p_invitation AND i.store_id = p_id;
    outcome := CASE WHEN FOUND THEN 'done' ELSE 'no_invitation' END;
END $$;

-- An invitation that may be accepted by somebody. p_email NULL: their address is not known.
-- Locks: nothing.
-- Returns: outcome open, other_address or invalid (unknown, used, withdrawn or too old; or the store is gone); the invitation and the store
-- of the first.
CREATE OR REPLACE FUNCTION open_invitation(
    p_invitation text, p_hash text, p_email text, OUT outcome text, OUT invitation store_invitations, OUT store stores
) LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    found store_invitations;
BEGIN
    SELECT * INTO found FROM store_invitations i WHERE i.id = p_invitation AND i.secret_hash = p_hash AND i.expires_at > clock_timestamp();
    SELECT * INTO store FROM stores s WHERE s.id = found.store_id AND s.deleted_at IS NULL AND s.status <> 'deleting';
    outcome := CASE
        WHEN store.id IS NULL THEN 'invalid'
        WHEN found.email IS NOT NULL AND lower(found.email) IS DISTINCT FROM lower(p_email) THEN 'other_address'
        ELSE 'open' END;
    IF outcome = 'open' THEN
        invitation := found;
    ELSE
        store := NULL;
    END IF;
END $$;

-- Accepts an invitation for p_user, who has p_email, if that is known. One that offers the store gives it away, see transfer_store. A
-- manager who accepts to be a viewer stays what they are.
-- Locks: the store's unfinished jobs, the store, the invitation, the member's row; as transfer_store.
-- Returns: outcome joined, transferred, is_owner, other_address or invalid; or what transfer_store does; the role that p_user has now; of a
-- transferred store the job and its kind and class; the store.
CREATE OR REPLACE FUNCTION accept_invitation(
    p_invitation text, p_hash text, p_user text, p_email text, p_role text, p_store_limit integer, p_unit_limit integer, p_by text, p_traceparent text,
    OUT outcome text, OUT used integer, OUT allowed integer, OUT role text, OUT accepted_job bigint, OUT accepted_kind text,
    OUT accepted_class integer, OUT store stores
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    opened record;
    given record;
BEGIN
    PERFORM lock_any_store(i.store_id) FROM store_invitations i WHERE i.id = p_invitation AND i.secret_hash = p_hash;
    -- A statement of its own: whoever was faster has committed by now.
    SELECT * INTO opened FROM open_invitation(p_invitation, p_hash, p_email);
    outcome := opened.outcome;
    store := opened.store;
    IF outcome <> 'open' THEN
        RETURN;
    ELSIF store.owner = p_user THEN
        outcome := 'is_owner';
        RETURN;
    END IF;
    IF (opened.invitation).role = 'owner' THEN
        SELECT * INTO given FROM transfer_store(
            store, p_user, (opened.invitation).leaves_as, p_role, p_store_limit, p_unit_limit, p_by, p_traceparent);
        SELECT given.outcome, given.used, given.allowed INTO outcome, used, allowed;
        IF outcome <> 'transferred' THEN
            RETURN;
        END IF;
        SELECT given.accepted_job, given.accepted_kind, given.accepted_class INTO accepted_job, accepted_kind, accepted_class;
        role := 'owner';
    ELSE
        outcome := 'joined';
        role := CASE WHEN is_member(store.id, p_user, 'manager') THEN 'manager' ELSE (opened.invitation).role END;
        IF put_member(store.id, p_user, role, (opened.invitation).invited_by) THEN
            -- Those who joined shortly before and were not told yet stay in it.
            PERFORM give_notice('member.added', store, coalesce((
                SELECT (n.body ->> 'message') || '. ' FROM notices n WHERE n.subject = store.id AND n.kind = 'member.added' AND n.told_at IS NULL), '')
                || p_by || ' joined as ' || role);
        END IF;
        DELETE FROM store_invitations i WHERE i.id = p_invitation;
    END IF;
    SELECT * INTO store FROM stores s WHERE s.id = store.id;
END $$;

-- Gives a store that is locked, with its unfinished jobs, to p_user, who needs room for it; its administrator gets a new password, and
-- nothing that the owner of before was given opens it any more: no invitation, no link to an export, no Idempotency-Key. Domains, backups
-- and what waits to be told go along. p_role, p_store_limit, p_unit_limit: of the new owner, see store_quota and unit_quota.
-- Locks: store_usage 'total', then both owners' in their order; the rows that it writes.
-- Returns: outcome transferred, store_limit or unit_limit (with what is used and allowed), or not_ready (the password cannot be renewed
-- now); the job, its kind and class.
CREATE OR REPLACE FUNCTION transfer_store(
    store stores, p_user text, p_leaves_as text, p_role text, p_store_limit integer, p_unit_limit integer, p_by text, p_traceparent text,
    OUT outcome text, OUT used integer, OUT allowed integer, OUT accepted_job bigint, OUT accepted_kind text, OUT accepted_class integer
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    counted store_usage;
    changed record;
BEGIN
    PERFORM 1 FROM store_usage u WHERE u.scope = 'total' FOR UPDATE;
    PERFORM 1 FROM store_usage u WHERE u.scope IN ('user:' || store.owner, 'user:' || p_user) ORDER BY u.scope FOR UPDATE;
    SELECT * INTO counted FROM store_usage u WHERE u.scope = 'user:' || p_user;
    IF coalesce(counted.used, 0) + 1 > store_quota(p_user, p_role, p_store_limit) THEN
        SELECT 'store_limit', coalesce(counted.used, 0), store_quota(p_user, p_role, p_store_limit) INTO outcome, used, allowed;
        RETURN;
    ELSIF coalesce(counted.weight, 0) + store.weight > 2 * unit_quota(p_user, p_role, p_unit_limit) THEN
        SELECT 'unit_limit', (coalesce(counted.weight, 0) + 1) / 2, unit_quota(p_user, p_role, p_unit_limit) INTO outcome, used, allowed;
        RETURN;
    END IF;
    SELECT c.* INTO changed FROM change_store(
        store.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, true, false, NULL, p_role, p_by, p_traceparent, 1, NULL, NULL) c;
    IF changed.outcome <> 'accepted' THEN
        outcome := 'not_ready';
        RETURN;
    END IF;
    SELECT changed.accepted_job, changed.accepted_kind, changed.accepted_class INTO accepted_job, accepted_kind, accepted_class;
    UPDATE jobs j SET owner = p_user WHERE j.store_id = store.id AND j.state IN ('queued', 'running');
    UPDATE stores s SET owner = p_user WHERE s.id = store.id;
    IF store.owner IS NOT NULL THEN
        PERFORM count_store('user:' || store.owner, -1, -store.weight);
        DELETE FROM idempotency_keys k WHERE k.owner = store.owner AND k.store_id = store.id;
    END IF;
    PERFORM count_store('user:' || p_user, 1, store.weight);
    DELETE FROM store_invitations i WHERE i.store_id = store.id;
    DELETE FROM store_members m WHERE m.store_id = store.id AND m.member = p_user;
    IF store.owner IS NOT NULL THEN
        INSERT INTO store_members (store_id, member, role, added_by, removed_at)
        VALUES (store.id, store.owner, coalesce(p_leaves_as, 'viewer'), p_by, CASE WHEN p_leaves_as IS NULL THEN clock_timestamp() END)
        ON CONFLICT (store_id, member) DO UPDATE SET role = excluded.role, added_by = excluded.added_by, removed_at = excluded.removed_at;
    END IF;
    PERFORM 1 FROM exports e WHERE e.store_id = store.id ORDER BY e.id FOR NO KEY UPDATE;
    DELETE FROM export_links l USING exports e WHERE e.id = l.export_id AND e.store_id = store.id;
    UPDATE domains d SET owner = p_user WHERE d.store_id = store.id;
    UPDATE notices n SET owner = p_user WHERE n.subject = store.id AND n.told_at IS NULL AND n.kind <> 'store.transferred';
    -- The owner of before is told.
    PERFORM give_notice('store.transferred', store, 'The store is ' || coalesce((SELECT a.email FROM accounts a WHERE a.id = p_user), p_user) || '''s now');
    PERFORM notice_quota(p_user, 1, store.weight, store_quota(p_user, p_role, p_store_limit), unit_quota(p_user, p_role, p_unit_limit));
    outcome := 'transferred';
END $$;
