-- Certificates of hosts whose stores are gone, for the next store of their owner there.

CREATE TABLE kept_certificates (
    host        text PRIMARY KEY CHECK (length(host) BETWEEN 3 AND 253),
    -- The store that had it, for which it is sealed.
    store_id    text NOT NULL,
    -- That store's owner: nobody else gets it.
    owner       text,
    key_id      text NOT NULL,
    sealed      text NOT NULL,
    valid_until timestamptz NOT NULL
);
CREATE INDEX kept_certificates_by_end ON kept_certificates (valid_until);
