-- Mails to one person, and forgotten passwords.
-- The settings: see claim_jobs.sql.

-- Writes the letter with a link by which the account of an address sets a new password, within an hour. Nothing is written for an address
-- without an account, for a disabled one, and within five minutes of the last.
-- Locks: the account.
-- Returns: whether it was written; nobody is told. Five a day are.
CREATE OR REPLACE FUNCTION ask_password_reset(
    p_email text, p_reset text, p_secret_hash text, p_letter text, p_key text, p_sealed text, p_address text
) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    account accounts;
    now CONSTANT timestamptz := clock_timestamp();
BEGIN
    SELECT * INTO account FROM accounts a WHERE lower(a.email) = lower(p_email) AND a.disabled_at IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND OR EXISTS (SELECT 1 FROM password_resets r WHERE r.account_id = account.id AND r.created_at > now - interval '5 minutes')
        OR (SELECT count(*) FROM audit a WHERE a.target = account.id AND a.action = 'account.forgotten' AND a.at > now - interval '1 day') >= 5 THEN
        RETURN false;
    END IF;
    INSERT INTO password_resets (account_id, id, secret_hash, created_at, expires_at)
    VALUES (account.id, p_reset, p_secret_hash, now, now + interval '1 hour')
    ON CONFLICT (account_id) DO UPDATE SET id = excluded.id, secret_hash = excluded.secret_hash, created_at = now, expires_at = excluded.expires_at;
    INSERT INTO letters (id, key_id, sealed, ends_at) VALUES (p_letter, p_key, p_sealed, now + interval '1 hour');
    INSERT INTO audit (actor, source, action, target, address, outcome)
    VALUES (account.email, 'api', 'account.forgotten', account.id, p_address, 'done');
    RETURN true;
END $$;

-- Sets the password of the account that a link is for, uses up the link, and ends every session and every token of the account: whoever has
-- them may have come before the mailbox's reader.
-- Locks: the account, the link, its sessions and tokens.
-- Returns: the account and its address; no row where the link is not valid any more.
CREATE OR REPLACE FUNCTION reset_password(p_reset text, p_secret_hash text, p_password_hash text, p_address text)
RETURNS TABLE (account text, email text) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    known accounts;
BEGIN
    SELECT a.* INTO known FROM accounts a
     WHERE a.id = (SELECT r.account_id FROM password_resets r WHERE r.id = p_reset) AND a.disabled_at IS NULL FOR NO KEY UPDATE;
    DELETE FROM password_resets r
     WHERE r.id = p_reset AND r.account_id = known.id AND r.secret_hash = p_secret_hash AND r.expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE accounts a SET password_hash = p_password_hash WHERE a.id = known.id;
    DELETE FROM sessions s WHERE s.account_id = known.id;
    UPDATE api_tokens t SET revoked_at = clock_timestamp() WHERE t.user_id = known.id AND t.revoked_at IS NULL;
    INSERT INTO audit (actor, source, action, target, detail, address, outcome)
    VALUES (known.email, 'api', 'account.password', known.id, 'by a link', p_address, 'done');
    RETURN QUERY SELECT known.id, known.email;
END $$;

-- Takes at most p_limit letters that are due. Who takes one says within a minute how it went.
-- Locks: the letters, but those that another courier has at the moment.
-- Returns: them.
CREATE OR REPLACE FUNCTION take_letters(p_limit integer) RETURNS SETOF letters LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE letters l SET attempt = l.attempt + 1, next_at = clock_timestamp() + interval '1 minute'
     WHERE l.id IN (SELECT d.id FROM letters d WHERE d.next_at <= clock_timestamp() AND d.ends_at > clock_timestamp()
                     ORDER BY d.next_at LIMIT p_limit FOR UPDATE SKIP LOCKED)
    RETURNING l.*
$$;

-- What became of a letter: one that came through goes, and so does one that the server refuses for good; others are tried again.
-- Locks: the letter.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION settle_letter(p_letter text, p_attempt integer, p_is_over boolean) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF p_is_over THEN
        DELETE FROM letters l WHERE l.id = p_letter;
    ELSE
        UPDATE letters l SET next_at = clock_timestamp() + coalesce(delivery_wait(p_attempt), interval '1 day')
         WHERE l.id = p_letter AND l.attempt = p_attempt;
    END IF;
END $$;
