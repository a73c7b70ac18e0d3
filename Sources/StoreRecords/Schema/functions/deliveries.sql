-- Deliveries of notices to channels: taken by couriers, tried again, given up.
-- The settings: see claim_jobs.sql.

-- How long a delivery waits after the attempt of this number: 5 s at first, a day at last, three days in all, and a tenth more or less.
-- Locks: nothing.
-- Returns: that; NULL: there is no further attempt.
CREATE OR REPLACE FUNCTION delivery_wait(p_attempt integer) RETURNS interval LANGUAGE sql VOLATILE AS $$
    SELECT (ARRAY[interval '5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours', '14 hours', '20 hours', '24 hours'])[p_attempt]
           * (0.9 + 0.2 * random())
$$;

-- Takes at most p_limit deliveries that are due, one of each channel: what waits longest goes first, a channel gets one after the other, and
-- a slow receiver keeps nobody else waiting. Who takes one says within a minute how it went.
-- Locks: the channels, but those that another courier has at the moment; then the deliveries.
-- Returns: what to send, and where.
CREATE OR REPLACE FUNCTION take_deliveries(p_limit integer) RETURNS TABLE (
    notice_id text, channel_id text, attempt integer, kind text, key_id text, sealed text, payload text
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
    channel channels;
    taken deliveries;
BEGIN
    FOR channel IN
        SELECT * FROM channels c
         WHERE c.state <> 'paused' AND coalesce(c.taken_until, '-infinity') <= clock_timestamp()
           AND c.id IN (SELECT d.channel_id FROM deliveries d WHERE d.status = 'waiting' AND d.next_at <= clock_timestamp())
         ORDER BY (SELECT min(d.next_at) FROM deliveries d WHERE d.channel_id = c.id AND d.status = 'waiting') LIMIT p_limit
           FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        -- A statement of its own: it sees what others wrote until this one had the channel.
        UPDATE deliveries d SET attempt = d.attempt + 1
         WHERE d.channel_id = channel.id AND d.notice_id = (
            SELECT w.notice_id FROM deliveries w
             WHERE w.channel_id = channel.id AND w.status = 'waiting' AND w.next_at <= clock_timestamp() ORDER BY w.next_at LIMIT 1)
        RETURNING d.* INTO taken;
        CONTINUE WHEN NOT FOUND;
        UPDATE channels c SET taken_until = clock_timestamp() + interval '1 minute' WHERE c.id = channel.id;
        RETURN QUERY
        SELECT n.id::text, channel.id, taken.attempt, n.kind, channel.key_id, channel.sealed, jsonb_build_object(
                   'type', n.kind, 'timestamp', to_char(n.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'data', n.body)::text
          FROM notices n WHERE n.id = taken.notice_id;
    END LOOP;
END $$;

-- Asks whoever reads a channel's mailbox to confirm it, unless that was done within the last ten minutes.
-- Locks: the channel.
-- Returns: the notice, that one or the earlier.
CREATE OR REPLACE FUNCTION ask_to_confirm(channel channels) RETURNS text LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    notice text;
BEGIN
    SELECT n.id::text INTO notice FROM deliveries d JOIN notices n ON n.id = d.notice_id
     WHERE d.channel_id = channel.id AND n.kind = 'channel.confirm' AND d.status <> 'failed'
       AND (d.status = 'waiting' OR n.at > clock_timestamp() - interval '10 minutes');
    IF NOT FOUND THEN
        INSERT INTO notices AS n (kind, subject, owner, body, due_at, told_at)
        VALUES ('channel.confirm', 'channel:' || channel.id, channel.owner, jsonb_build_object('mailbox', lower(channel.shown)), clock_timestamp(), clock_timestamp())
        RETURNING n.id::text INTO notice;
        INSERT INTO deliveries (notice_id, channel_id) VALUES (notice::uuid, channel.id);
    END IF;
    RETURN notice;
END $$;

-- Whether a mailbox may be asked for an owner, NULL: for the installation: the owner had fewer than p_most_asked asked within a day, and it was
-- asked less than three times itself, whoever it was for; within a week it did not say that it wants nothing. Channels that are deleted
-- count: nobody's mailbox is filled.
-- Locks: the owner's channels (an advisory lock): two that count at once would both find room.
-- Returns: that.
CREATE OR REPLACE FUNCTION may_be_asked(p_owner text, p_mailbox text, p_most_asked integer) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    day CONSTANT timestamptz := clock_timestamp() - interval '1 day';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('store-weaver:channels:' || coalesce(p_owner, '')));
    RETURN (SELECT count(*) FROM notices n WHERE n.kind = 'channel.confirm' AND n.owner IS NOT DISTINCT FROM p_owner AND n.at > day) < p_most_asked
       AND (SELECT count(*) FROM notices n WHERE n.kind = 'channel.confirm' AND n.body ->> 'mailbox' = lower(p_mailbox) AND n.at > day) < 3
       AND NOT EXISTS (SELECT 1 FROM stopped_mailboxes m WHERE m.mailbox = lower(p_mailbox) AND m.at > clock_timestamp() - interval '7 days');
END $$;

-- Makes a channel of an owner, NULL: of the installation, who has fewer than p_most. One of e-mail waits for its mailbox to be confirmed,
-- which is asked there at once, if it may be: may_be_asked.
-- Locks: the owner's channels (an advisory lock).
-- Returns: outcome accepted, too_many or asked_too_many; the channel.
CREATE OR REPLACE FUNCTION create_channel(
    p_id text, p_owner text, p_type text, p_shown text, p_key text, p_sealed text, p_events text[], p_most integer, p_most_asked integer,
    OUT outcome text, OUT channel channels
) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    -- Two that count at once would both find room.
    PERFORM pg_advisory_xact_lock(hashtext('store-weaver:channels:' || coalesce(p_owner, '')));
    outcome := CASE
        WHEN (SELECT count(*) FROM channels o WHERE o.owner IS NOT DISTINCT FROM p_owner) >= p_most THEN 'too_many'
        WHEN p_type = 'email' AND NOT may_be_asked(p_owner, p_shown, p_most_asked) THEN 'asked_too_many'
        ELSE 'accepted' END;
    IF outcome = 'accepted' THEN
        INSERT INTO channels (id, owner, type, shown, key_id, sealed, events, state)
        VALUES (p_id, p_owner, p_type, p_shown, p_key, p_sealed, p_events, CASE p_type WHEN 'email' THEN 'unconfirmed' ELSE 'active' END)
        RETURNING * INTO channel;
        IF p_type = 'email' THEN
            PERFORM ask_to_confirm(channel);
        END IF;
    END IF;
END $$;

-- Whoever reads a mailbox says that it is told what happens; or that it is to be told nothing, and then the channel goes: its owner can have
-- the mailbox asked again after a week, and not resume it. The caller knows that it is they.
-- Locks: the channel, its deliveries.
-- Returns: what it is now, stopped where it went; NULL: there is no such channel.
CREATE OR REPLACE FUNCTION answer_channel(p_channel text, p_wanted boolean) RETURNS text LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    answered channels;
BEGIN
    SELECT * INTO answered FROM channels c WHERE c.id = p_channel AND c.type = 'email' FOR UPDATE;
    IF NOT FOUND OR p_wanted AND answered.confirmed_at IS NOT NULL THEN
        RETURN answered.state;
    END IF;
    INSERT INTO audit (actor, source, action, target, detail, outcome)
    VALUES (left(answered.shown, 200), 'api', CASE WHEN p_wanted THEN 'channel.confirm' ELSE 'channel.stop' END, p_channel, answered.owner, 'done');
    IF p_wanted THEN
        UPDATE channels c SET confirmed_at = clock_timestamp(), state = CASE c.state WHEN 'unconfirmed' THEN 'active' ELSE c.state END
         WHERE c.id = p_channel RETURNING c.state INTO answered.state;
        RETURN answered.state;
    END IF;
    DELETE FROM channels c WHERE c.id = p_channel;
    INSERT INTO stopped_mailboxes (mailbox) VALUES (lower(answered.shown)) ON CONFLICT (mailbox) DO UPDATE SET at = clock_timestamp();
    RETURN 'stopped';
END $$;

-- What waits for a channel that is paused is given up: it would be told when it is no longer true.
-- Locks: its deliveries.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION give_up_deliveries() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    UPDATE deliveries d SET status = 'failed', finished_at = clock_timestamp(), error = coalesce(d.error, 'The channel was paused.')
     WHERE d.channel_id = NEW.id AND d.status = 'waiting';
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER channels_give_up_deliveries AFTER UPDATE OF state ON channels FOR EACH ROW
    WHEN (NEW.state = 'paused' AND OLD.state <> 'paused') EXECUTE FUNCTION give_up_deliveries();

-- Nothing is sent to a channel any more until somebody resumes it.
-- Locks: the channel, its deliveries.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION pause_channel(p_channel text, p_reason text) RETURNS void LANGUAGE sql
SET enable_seqscan = off SET jit = off AS $$
    UPDATE channels c SET state = 'paused', paused_reason = p_reason, taken_until = NULL WHERE c.id = p_channel
$$;

-- What became of an attempt: p_error NULL: it came through. A test is tried once. An address that is gone (410, of e-mail the
-- server's word that there is no such mailbox) pauses its channel at once; so does a delivery that is given up where nothing came through
-- for two days.
-- Locks: the channel, the delivery.
-- Returns: delivered, retried, failed or paused; stale: the attempt is not the last one, or the delivery has ended. Nothing was written then.
CREATE OR REPLACE FUNCTION settle_delivery(p_notice text, p_channel text, p_attempt integer, p_code integer, p_error text, OUT outcome text)
LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    channel channels;
    wait interval;
    is_test boolean;
    is_gone boolean;
BEGIN
    SELECT * INTO channel FROM channels c WHERE c.id = p_channel FOR NO KEY UPDATE;
    SELECT n.kind = 'test' INTO is_test FROM notices n WHERE n.id = p_notice::uuid;
    wait := CASE WHEN NOT is_test THEN delivery_wait(p_attempt) END;
    is_gone := p_error IS NOT NULL AND coalesce(CASE channel.type WHEN 'email' THEN p_code >= 500 ELSE p_code = 410 END, false);
    UPDATE deliveries d SET code = p_code, error = p_error,
        status = CASE WHEN p_error IS NULL THEN 'delivered' WHEN wait IS NULL OR is_gone THEN 'failed' ELSE 'waiting' END,
        finished_at = CASE WHEN p_error IS NULL OR wait IS NULL OR is_gone THEN clock_timestamp() END,
        next_at = clock_timestamp() + coalesce(wait, interval '0')
     WHERE d.notice_id = p_notice::uuid AND d.channel_id = p_channel AND d.attempt = p_attempt AND d.status = 'waiting';
    IF NOT FOUND THEN
        outcome := 'stale';
        RETURN;
    END IF;
    UPDATE channels c SET taken_until = NULL,
        failing_since = CASE WHEN p_error IS NULL THEN NULL WHEN is_test THEN c.failing_since ELSE coalesce(c.failing_since, clock_timestamp()) END
     WHERE c.id = p_channel RETURNING c.* INTO channel;
    outcome := CASE WHEN p_error IS NULL THEN 'delivered' WHEN wait IS NOT NULL THEN 'retried' ELSE 'failed' END;
    IF is_gone THEN
        PERFORM pause_channel(p_channel, CASE channel.type WHEN 'email' THEN p_error ELSE 'The address answered 410: it is gone for good.' END);
        outcome := 'paused';
    ELSIF outcome = 'failed' AND NOT is_test AND channel.failing_since < clock_timestamp() - interval '2 days' THEN
        PERFORM pause_channel(p_channel, 'Nothing came through for three days. The last attempt: ' || p_error);
        outcome := 'paused';
    END IF;
END $$;

-- Sends a test to a channel, whatever it wants to hear; where its mailbox is not confirmed, the question. While one waits there is no other.
-- Locks: the channel.
-- Returns: the notice; NULL: there is no such channel, it is paused, or its mailbox may not be asked now.
CREATE OR REPLACE FUNCTION test_channel(p_channel text, p_most_asked integer) RETURNS text LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    channel channels;
    notice text;
BEGIN
    SELECT * INTO channel FROM channels c WHERE c.id = p_channel AND c.state <> 'paused' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF channel.state = 'unconfirmed' THEN
        RETURN CASE WHEN may_be_asked(channel.owner, channel.shown, p_most_asked) THEN ask_to_confirm(channel) END;
    END IF;
    SELECT d.notice_id::text INTO notice FROM deliveries d JOIN notices n ON n.id = d.notice_id
     WHERE d.channel_id = p_channel AND d.status = 'waiting' AND n.kind = 'test';
    IF NOT FOUND THEN
        INSERT INTO notices AS n (kind, subject, owner, body, due_at, told_at)
        VALUES ('test', 'channel:' || channel.id, channel.owner, '{"message": "This is a test. Nothing happened."}', clock_timestamp(), clock_timestamp())
        RETURNING n.id::text INTO notice;
        INSERT INTO deliveries (notice_id, channel_id) VALUES (notice::uuid, channel.id);
    END IF;
    RETURN notice;
END $$;
