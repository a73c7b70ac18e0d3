-- Own domains: hosts that a store's owner has proved, at which the store is reached beside its host of ours.
--
-- Lock order: as 0003_backups.sql has it; domains and certificate_budget come after stores. Two stores are locked by ascending id.

-- One store's claim on a host. Several stores may claim the same one; whoever has proved it has it alone.
CREATE TABLE domains (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id          text NOT NULL REFERENCES stores (id),
    -- Whose the store was when the host was claimed.
    owner             text,
    -- As StoreDomain.DomainName writes it: lower case, punycode, no dot at its end.
    host              text NOT NULL CHECK (host = lower(host) AND length(host) BETWEEN 3 AND 240),
    -- What the TXT record has to say. Of this claim alone.
    token             text NOT NULL CHECK (token ~ '^[0-9a-f]{32}$'),
    -- 'pending': not proved. 'verified': proved by its TXT record. 'active': it led here too, and is part of the store's next generation.
    -- 'failing': it was active and did not lead here for two weeks; the store is not served there any more.
    state             text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'verified', 'active', 'failing')),
    -- The store's address; its other hosts lead there.
    is_primary        boolean NOT NULL DEFAULT false,
    created_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Of a pending one that is proved while another store is active there: when it gets the host.
    takes_over_at     timestamptz,
    -- When it was looked at last, and is to be next.
    checked_at        timestamptz,
    check_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Since when it does not lead here; NULL: it did the last time.
    failing_since     timestamptz,
    -- When the certificate that visitors get ends.
    certificate_until timestamptz,
    -- When the next certificate may be ordered, where too many were within the hour.
    next_order_at     timestamptz,
    -- What keeps it from the next state, as seen when it was looked at last; for people.
    error             text CHECK (length(error) <= 1000),
    UNIQUE (store_id, host),
    CHECK (state = 'active' OR NOT is_primary),
    CHECK (state = 'pending' OR takes_over_at IS NULL)
);
CREATE UNIQUE INDEX domains_proved ON domains (host) WHERE state <> 'pending';
CREATE UNIQUE INDEX domains_primary ON domains (store_id) WHERE is_primary;
CREATE INDEX domains_by_check ON domains (check_at);
CREATE INDEX domains_pending ON domains (owner) WHERE state = 'pending';

ALTER TABLE stores
    -- What `domains` has of the store, for who reads the store: `host state`, and ` primary` behind one of them, separated by commas in the
    -- order in which they were added. Written by a trigger.
    ADD COLUMN domains      text NOT NULL DEFAULT '',
    -- Part of the spec: the hosts at which the store is served beside `host`, separated by commas, and which of them is its address; NULL: `host`.
    ADD COLUMN own_hosts    text NOT NULL DEFAULT '',
    ADD COLUMN primary_host text;
ALTER TABLE store_specs
    ADD COLUMN own_hosts    text NOT NULL DEFAULT '',
    ADD COLUMN primary_host text;
CREATE INDEX stores_with_domains ON stores (id) WHERE own_hosts <> '' OR domains <> '';
CREATE INDEX store_specs_with_hosts ON store_specs (store_id, generation) WHERE own_hosts <> '';

-- A token bucket: certificates that may be ordered now, as of a moment.
CREATE TABLE certificate_budget (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    tokens double precision NOT NULL CHECK (tokens >= 0),
    at     timestamptz NOT NULL
);
