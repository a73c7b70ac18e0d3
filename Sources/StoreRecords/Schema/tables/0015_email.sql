-- People are told by e-mail, too, once whoever reads a mailbox has said so.

ALTER TABLE channels
    -- When whoever reads the mailbox said that it is to be told; NULL: nobody did, or it is none.
    ADD COLUMN confirmed_at timestamptz,
    DROP CONSTRAINT channels_type_check,
    ADD CONSTRAINT channels_type_check CHECK (type IN ('webhook', 'email')),
    DROP CONSTRAINT channels_state_check,
    -- 'unconfirmed': of e-mail; nothing but the question is sent there.
    ADD CONSTRAINT channels_state_check CHECK (state IN ('active', 'paused', 'unconfirmed') AND (type <> 'email' OR confirmed_at IS NOT NULL OR state <> 'active')
        AND (state <> 'unconfirmed' OR type = 'email' AND confirmed_at IS NULL));
CREATE INDEX channels_unconfirmed ON channels (created_at) WHERE type = 'email' AND confirmed_at IS NULL;
COMMENT ON COLUMN channels.shown IS 'Of a webhook scheme, host and port; of e-mail the address.';

ALTER TABLE notices
    DROP CONSTRAINT notices_kind_check,
    ADD CONSTRAINT notices_kind_check CHECK (kind IN (
        'store.ready', 'store.failed', 'store.degraded', 'store.recovered', 'store.lost', 'store.deleted', 'backup.failed', 'quota.near',
        'domain.failing', 'domain.lost', 'rollout.halted', 'member.added', 'store.transferred', 'test', 'channel.confirm'));
CREATE INDEX notices_confirming ON notices (owner, at) WHERE kind = 'channel.confirm';
CREATE INDEX notices_confirming_mailbox ON notices ((body ->> 'mailbox'), at) WHERE kind = 'channel.confirm';

-- Mailboxes whose readers said that they want nothing: they are not asked again for a week.
CREATE TABLE stopped_mailboxes (
    -- In lower case.
    mailbox text PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX stopped_mailboxes_by_age ON stopped_mailboxes (at);

-- They are told more, and answer why not.
DROP FUNCTION IF EXISTS test_channel(text);
DROP FUNCTION IF EXISTS create_channel(text, text, text, text, text, text[], integer);
