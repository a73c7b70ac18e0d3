-- Signing in and staying signed in.

-- Replaces a session's refresh token. The token before it still counts for p_grace seconds, for tabs that refresh at the same time; later
-- it is somebody's copy, and the session ends for both. p_hash, p_new_hash: SHA-256 in hex.
-- Locks: the session.
-- Returns: outcome rotated, same (within the grace), reused or unknown; the account unless unknown.
CREATE OR REPLACE FUNCTION refresh_session(
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

-- Counts a failed sign-in. From the p_free-th on each locks for twice as long as the one before, from 1 s to 15 min; after a day without
-- one the count begins anew.
-- Locks: the subject's row.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION fail_sign_in(p_subject text, p_free integer) RETURNS void LANGUAGE sql AS $$
    INSERT INTO sign_in_failures AS f (subject, failures) VALUES (p_subject, 1)
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN f.last_at < clock_timestamp() - interval '1 day' THEN 1 ELSE f.failures + 1 END,
        last_at = clock_timestamp(),
        locked_until = CASE WHEN f.last_at >= clock_timestamp() - interval '1 day' AND f.failures + 1 >= p_free
            THEN clock_timestamp() + least(interval '15 minutes', interval '1 second' * power(2, least(f.failures + 1 - p_free, 20))) END
$$;
