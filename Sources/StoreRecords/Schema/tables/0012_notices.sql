-- Who is told what happens to stores, and how that went.
--
-- Lock order: as 0008_usage.sql has it; notices come after stores, channels after notices, deliveries after channels.

-- Where somebody is told.
CREATE TABLE channels (
    id            text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{12}$'),
    -- Whose stores it is told of; NULL: the installation's, which is told of every store.
    owner         text CHECK (length(owner) BETWEEN 1 AND 200),
    type          text NOT NULL CHECK (type IN ('webhook')),
    -- Where it leads, as people may see it: of a webhook scheme, host and port. The rest of the address may be a secret.
    shown         text NOT NULL CHECK (length(shown) BETWEEN 1 AND 300),
    -- The address and what signs what is sent there, sealed: which key, and nonce, ciphertext and tag in base64.
    key_id        text NOT NULL,
    sealed        text NOT NULL,
    -- Kinds of notices, see below.
    events        text[] NOT NULL CHECK (cardinality(events) BETWEEN 1 AND 50),
    state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused')),
    -- Why nothing is sent, for people.
    paused_reason text,
    CHECK ((state = 'paused') = (paused_reason IS NOT NULL)),
    -- Since when nothing came through; NULL: the last delivery did, or there was none.
    failing_since timestamptz,
    -- A courier sends something there. One that has not said by then how that went is taken to be lost.
    taken_until   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX channels_of_owner ON channels (owner, created_at);

-- What happened, written in the transaction in which it happened: ../functions/notices.sql. It outlives its store.
CREATE TABLE notices (
    id      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- StoreDomain.NoticeKind has the same, but for those that nothing writes yet.
    kind    text NOT NULL CHECK (kind IN (
        'store.ready', 'store.failed', 'store.degraded', 'store.recovered', 'store.lost', 'store.deleted', 'backup.failed', 'quota.near',
        'domain.failing', 'domain.lost', 'rollout.halted', 'test')),
    -- What it is about: a store's id, 'user:' and an owner, 'rollout:' and its id, or 'channel:' and the channel that is tested.
    subject text NOT NULL,
    -- NULL: only the installation is told.
    owner   text,
    -- What receivers get as `data`.
    body    jsonb NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- It is not told before: what it says has to last, or another of its kind was told a short while ago.
    due_at  timestamptz NOT NULL,
    -- NULL: it waits. What does not hold any more when it is due is removed.
    told_at timestamptz
);
-- One of a kind waits for each subject.
CREATE UNIQUE INDEX notices_waiting ON notices (subject, kind) WHERE told_at IS NULL;
CREATE INDEX notices_due ON notices (due_at) WHERE told_at IS NULL;
CREATE INDEX notices_told ON notices (subject, kind, told_at) WHERE told_at IS NOT NULL;
CREATE INDEX notices_by_age ON notices (at);

-- A notice on its way to a channel.
CREATE TABLE deliveries (
    notice_id   uuid NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    channel_id  text NOT NULL REFERENCES channels (id) ON DELETE CASCADE,
    status      text NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'delivered', 'failed')),
    -- Attempts so far.
    attempt     integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    -- The next attempt is not made before.
    next_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Of the last attempt: the answer's status, if one came, and what went wrong, for people.
    code        integer CHECK (code BETWEEN 100 AND 999),
    error       text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    CHECK ((status = 'waiting') = (finished_at IS NULL)),
    PRIMARY KEY (notice_id, channel_id)
);
CREATE INDEX deliveries_waiting ON deliveries (channel_id, next_at) WHERE status = 'waiting';
CREATE INDEX deliveries_of_channel ON deliveries (channel_id, created_at DESC);
