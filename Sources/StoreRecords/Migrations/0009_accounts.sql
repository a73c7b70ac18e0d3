-- Who may come in: accounts, their sessions, tokens for scripts, invitations, and how many stores each may have.

CREATE TABLE accounts (
    -- Owns the stores (stores.owner), whatever becomes of the address.
    id            text PRIMARY KEY CHECK (id ~ '^u[0-9a-f]{15}$'),
    email         text NOT NULL CHECK (length(email) BETWEEN 3 AND 200),
    -- scrypt with its parameters and salt, as text.
    password_hash text NOT NULL,
    role          text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator', 'admin')),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    disabled_at   timestamptz
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (lower(email));

-- One per browser that is signed in. Its refresh token is replaced whenever it is used; of both only the SHA-256 is here.
CREATE TABLE sessions (
    id            text PRIMARY KEY,
    account_id    text NOT NULL REFERENCES accounts (id),
    token_hash    text NOT NULL,
    previous_hash text,
    rotated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at    timestamptz NOT NULL,
    address       text,
    user_agent    text
);
CREATE INDEX sessions_of_account ON sessions (account_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- For scripts. No foreign key: with AUTH_MODE=oidc the users are the issuer's.
CREATE TABLE api_tokens (
    id           text PRIMARY KEY,
    secret_hash  text NOT NULL,
    user_id      text NOT NULL CHECK (length(user_id) BETWEEN 1 AND 200),
    -- What its maker was: it never may more than that, nor more than its account may now.
    role         text NOT NULL CHECK (role IN ('user', 'operator', 'admin')),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Words separated by spaces.
    scopes       text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX api_tokens_of_user ON api_tokens (user_id, created_at DESC);

CREATE TABLE invitations (
    id          text PRIMARY KEY,
    secret_hash text NOT NULL,
    -- Whom it is for; NULL: whoever has it.
    email       text,
    role        text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator', 'admin')),
    invited_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);

-- Failed sign-ins in a row, by e-mail address with the client's, and by e-mail address alone; also of addresses that have no account.
CREATE TABLE sign_in_failures (
    subject      text PRIMARY KEY,
    failures     integer NOT NULL,
    last_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    locked_until timestamptz
);
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_at);

-- How many stores a user may have, in any AUTH_MODE; else the role's number; else the installation's setting.
CREATE TABLE user_quotas (
    user_id text PRIMARY KEY CHECK (length(user_id) BETWEEN 1 AND 200),
    stores  integer NOT NULL CHECK (stores BETWEEN 0 AND 1000000)
);
CREATE TABLE role_quotas (
    role   text PRIMARY KEY CHECK (role IN ('user', 'operator', 'admin')),
    stores integer NOT NULL CHECK (stores BETWEEN 0 AND 1000000)
);

CREATE FUNCTION store_quota(p_user text, p_role text, p_standard integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT stores FROM user_quotas WHERE user_id = p_user), (SELECT stores FROM role_quotas WHERE role = p_role), p_standard)
$$;

-- The session goes on with a new token. The one before is let pass for a moment, for tabs that refresh at the same time; later it is
-- somebody's copy, and the session ends for both. outcome: rotated | same | reused | unknown
CREATE FUNCTION refresh_session(
    p_id text, p_hash text, p_new_hash text, p_lifetime double precision, p_grace double precision,
    OUT outcome text, OUT account accounts
) LANGUAGE plpgsql AS $$
DECLARE
    known sessions;
BEGIN
    SELECT * INTO known FROM sessions s WHERE s.id = p_id AND s.expires_at > clock_timestamp() FOR UPDATE;
    IF NOT FOUND OR (p_hash <> known.token_hash AND p_hash IS DISTINCT FROM known.previous_hash) THEN
        outcome := 'unknown';
        RETURN;
    END IF;
    SELECT * INTO account FROM accounts a WHERE a.id = known.account_id;
    IF account.disabled_at IS NOT NULL THEN
        DELETE FROM sessions s WHERE s.id = p_id;
        outcome := 'unknown';
    ELSIF p_hash = known.token_hash THEN
        UPDATE sessions s SET token_hash = p_new_hash, previous_hash = p_hash, rotated_at = clock_timestamp(),
            expires_at = clock_timestamp() + make_interval(secs => p_lifetime)
         WHERE s.id = p_id;
        outcome := 'rotated';
    ELSIF known.rotated_at > clock_timestamp() - make_interval(secs => p_grace) THEN
        outcome := 'same';
    ELSE
        DELETE FROM sessions s WHERE s.id = p_id;
        outcome := 'reused';
    END IF;
END $$;

-- One more failure. From the p_free-th on each locks for twice as long as the one before, from 1 s to 15 min; a day without ends the row.
CREATE FUNCTION fail_sign_in(p_subject text, p_free integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO sign_in_failures AS f (subject, failures) VALUES (p_subject, 1)
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN f.last_at < clock_timestamp() - interval '1 day' THEN 1 ELSE f.failures + 1 END,
        last_at = clock_timestamp(),
        locked_until = CASE WHEN f.last_at >= clock_timestamp() - interval '1 day' AND f.failures + 1 >= p_free
            THEN clock_timestamp() + least(interval '15 minutes', interval '1 second' * power(2, least(f.failures + 1 - p_free, 20))) END
$$;

-- The account of who signs up. An invitation is used with it, or neither.
-- outcome: created | email_taken | invitation_invalid
CREATE FUNCTION sign_up(
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

-- All that one owner has becomes another's, e.g. what X-User-Id named becomes an account's. How many stores it were.
CREATE FUNCTION map_owner(p_from text, p_to text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    moved integer;
    counted integer;
BEGIN
    -- In the order of create_store and the counting trigger.
    PERFORM 1 FROM store_usage WHERE scope = 'total' FOR UPDATE;
    UPDATE stores SET owner = p_to WHERE owner = p_from AND deleted_at IS NULL;
    GET DIAGNOSTICS moved = ROW_COUNT;
    UPDATE jobs SET owner = p_to WHERE owner = p_from AND state IN ('queued', 'running');
    DELETE FROM idempotency_keys WHERE owner = p_from;
    UPDATE store_usage SET used = 0 WHERE scope = 'user:' || p_from;
    SELECT count(*) INTO counted FROM stores WHERE owner = p_to AND status <> 'deleting' AND deleted_at IS NULL;
    INSERT INTO store_usage (scope, used) VALUES ('user:' || p_to, counted) ON CONFLICT (scope) DO UPDATE SET used = counted;
    RETURN moved;
END $$;
