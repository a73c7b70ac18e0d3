-- People who work on a store beside its owner, and the invitations by which they come.
--
-- Lock order: as 0012_notices.sql has it; store_members and store_invitations come after stores, whose row's lock guards its store's.

-- The owner is no member: stores.owner has who that is.
CREATE TABLE store_members (
    store_id   text NOT NULL REFERENCES stores (id),
    -- As stores.owner.
    member     text NOT NULL CHECK (length(member) BETWEEN 1 AND 200),
    -- StoreDomain.StoreRole says what each may do.
    role       text NOT NULL CHECK (role IN ('viewer', 'manager')),
    added_by   text NOT NULL CHECK (length(added_by) BETWEEN 1 AND 200),
    added_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- NULL: a member. A former one is kept for a week, so that event streams that were away meanwhile say that the store is gone from
    -- their list.
    removed_at timestamptz,
    PRIMARY KEY (store_id, member)
);
CREATE INDEX store_members_by_member ON store_members (member, store_id) WHERE removed_at IS NULL;
CREATE INDEX store_members_removed ON store_members (removed_at) WHERE removed_at IS NOT NULL;

-- Of links that make somebody a member, or the owner. One that is accepted or withdrawn goes; the audit has what became of it.
CREATE TABLE store_invitations (
    id          text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{16}$'),
    store_id    text NOT NULL REFERENCES stores (id),
    -- SHA-256 in hex of the secret in the link.
    secret_hash text NOT NULL,
    -- 'owner': the store itself is offered.
    role        text NOT NULL CHECK (role IN ('viewer', 'manager', 'owner')),
    -- What the owner is to be once the store is another's; NULL: nothing.
    leaves_as   text CHECK (leaves_as IN ('viewer', 'manager')),
    -- The only address that may accept it; NULL: any.
    email       text CHECK (length(email) BETWEEN 3 AND 200),
    invited_by  text NOT NULL CHECK (length(invited_by) BETWEEN 1 AND 200),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    CHECK (leaves_as IS NULL OR role = 'owner')
);
CREATE INDEX store_invitations_of_store ON store_invitations (store_id, created_at);
CREATE UNIQUE INDEX store_invitations_one_offer ON store_invitations (store_id) WHERE role = 'owner';
CREATE INDEX store_invitations_by_expiry ON store_invitations (expires_at);

ALTER TABLE notices
    DROP CONSTRAINT notices_kind_check,
    ADD CONSTRAINT notices_kind_check CHECK (kind IN (
        'store.ready', 'store.failed', 'store.degraded', 'store.recovered', 'store.lost', 'store.deleted', 'backup.failed', 'quota.near',
        'domain.failing', 'domain.lost', 'rollout.halted', 'member.added', 'store.transferred', 'test'));

-- They ask who it is for now.
DROP FUNCTION IF EXISTS lock_store(text, text);
DROP FUNCTION IF EXISTS make_export_link(text, text, text);
