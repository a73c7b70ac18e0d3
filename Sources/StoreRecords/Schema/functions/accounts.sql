-- Accounts, who owns what, and who may have how much.

-- How many stores a user may have: the user's own number, else the role's, else p_standard.
-- Locks: nothing.
-- Returns: the number.
CREATE OR REPLACE FUNCTION store_quota(p_user text, p_role text, p_standard integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT stores FROM user_quotas WHERE user_id = p_user), (SELECT stores FROM role_quotas WHERE role = p_role), p_standard)
$$;

-- Locks: nothing.
-- Returns: the half units that a store counts: 2, 4 or 8 by its plan (StoreDomain.StorePlan has the same), half of that asleep.
CREATE OR REPLACE FUNCTION store_weight(plan text, asleep boolean) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE plan WHEN 'small' THEN 2 WHEN 'medium' THEN 4 ELSE 8 END / CASE WHEN asleep THEN 2 ELSE 1 END
$$;

-- Locks: nothing.
-- Returns: the plan of a new store whose owner names none: what the worker that reported last has in its chart, else small.
CREATE OR REPLACE FUNCTION default_plan(p_engine text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT c.default_plan FROM worker_charts c JOIN worker_reports r ON r.worker = c.worker
                      WHERE c.engine = p_engine AND c.is_current ORDER BY r.reported_at DESC LIMIT 1), 'small')
$$;

-- A store's host: its namespace without store-, and behind it the suffix of the installation. That is what the worker that reported last
-- has: a host is chosen once, by those who install it. StoreDomain.StoreAddressing makes the same of the worker's settings.
-- Locks: nothing.
-- Returns: the host; NULL where no worker has told a suffix. Then the store's first attempt chooses it.
CREATE OR REPLACE FUNCTION host_of(p_namespace text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT substr(p_namespace, 7) || (
        SELECT r.host_suffix FROM worker_reports r WHERE r.host_suffix IS NOT NULL ORDER BY r.reported_at DESC LIMIT 1)
$$;

-- How many units a user may have: the user's own number, else the role's, else p_standard.
-- Locks: nothing.
-- Returns: the number.
CREATE OR REPLACE FUNCTION unit_quota(p_user text, p_role text, p_standard integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT units FROM user_quotas WHERE user_id = p_user), (SELECT units FROM role_quotas WHERE role = p_role), p_standard)
$$;

-- Makes the account of somebody who signs up, and uses up the invitation, or does neither. p_invitation NULL: without one.
-- Locks: the invitation's row.
-- Returns: outcome created, email_taken or invitation_invalid; the account if it was created.
CREATE OR REPLACE FUNCTION sign_up(
    p_id text, p_email text, p_password_hash text, p_invitation text, p_invitation_hash text,
    OUT outcome text, OUT account accounts
) LANGUAGE plpgsql AS $$
DECLARE
    invited text := 'user';
BEGIN
    IF p_invitation IS NOT NULL THEN
        UPDATE invitations i SET used_at = clock_timestamp()
         WHERE i.id = p_invitation AND i.secret_hash = p_invitation_hash AND i.used_at IS NULL AND i.expires_at > clock_timestamp()
           AND (i.email IS NULL OR lower(i.email) = lower(p_email)) RETURNING i.role INTO invited;
        IF NOT FOUND THEN
            outcome := 'invitation_invalid';
            RETURN;
        END IF;
    END IF;
    INSERT INTO accounts AS a (id, email, password_hash, role) VALUES (p_id, p_email, p_password_hash, invited)
    ON CONFLICT ((lower(email))) DO NOTHING RETURNING a.* INTO account;
    IF FOUND THEN
        outcome := 'created';
    ELSE
        UPDATE invitations i SET used_at = NULL WHERE i.id = p_invitation;
        outcome := 'email_taken';
    END IF;
END $$;

-- Gives everything of one owner to another, e.g. what X-User-Id named to an account.
-- Locks: the owner's unfinished jobs, then the stores of both and those they are members of, then store_usage 'total': no store is counted
-- meanwhile.
-- Returns: how many stores it was.
CREATE OR REPLACE FUNCTION map_owner(p_from text, p_to text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    moved integer;
    counted integer;
    weighed integer;
BEGIN
    PERFORM 1 FROM jobs WHERE owner = p_from AND state IN ('queued', 'running') ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM stores WHERE owner = p_from AND (deleted_at IS NULL OR kept_until IS NOT NULL)
        OR id IN (SELECT m.store_id FROM store_members m WHERE m.member IN (p_from, p_to)) ORDER BY id FOR NO KEY UPDATE;
    PERFORM 1 FROM store_usage WHERE scope = 'total' FOR UPDATE;
    UPDATE stores SET owner = p_to WHERE owner = p_from AND deleted_at IS NULL;
    GET DIAGNOSTICS moved = ROW_COUNT;
    -- What can be brought back is the new owner's, too.
    UPDATE stores SET owner = p_to WHERE owner = p_from AND deleted_at IS NOT NULL AND kept_until IS NOT NULL;
    UPDATE jobs SET owner = p_to WHERE owner = p_from AND state IN ('queued', 'running');
    DELETE FROM idempotency_keys WHERE owner = p_from;
    UPDATE channels SET owner = p_to WHERE owner = p_from;
    UPDATE domains SET owner = p_to WHERE owner = p_from;
    UPDATE kept_certificates SET owner = p_to WHERE owner = p_from;
    -- Nobody is a member of what they own, nor one twice: what both are, they are as the higher of the two.
    DELETE FROM store_members m WHERE m.member IN (p_from, p_to)
       AND (m.removed_at IS NOT NULL OR EXISTS (SELECT 1 FROM stores s WHERE s.id = m.store_id AND s.owner = p_to));
    UPDATE store_members m SET role = 'manager' FROM store_members o
     WHERE m.member = p_to AND o.store_id = m.store_id AND o.member = p_from AND o.role = 'manager';
    DELETE FROM store_members m USING store_members o WHERE m.member = p_from AND o.store_id = m.store_id AND o.member = p_to;
    UPDATE store_members m SET member = p_to WHERE m.member = p_from;
    PERFORM tell_members(m.store_id) FROM store_members m WHERE m.member = p_to;
    UPDATE notices SET owner = p_to WHERE owner = p_from AND told_at IS NULL;
    UPDATE store_usage SET used = 0, weight = 0 WHERE scope = 'user:' || p_from;
    SELECT count(*), coalesce(sum(weight), 0) INTO counted, weighed FROM stores
     WHERE owner = p_to AND status <> 'deleting' AND deleted_at IS NULL;
    INSERT INTO store_usage (scope, used, weight) VALUES ('user:' || p_to, counted, weighed)
    ON CONFLICT (scope) DO UPDATE SET used = counted, weight = weighed;
    RETURN moved;
END $$;
