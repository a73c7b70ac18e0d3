-- With what owners sign in to their shops, sealed: no key to it is in this database.
CREATE TABLE store_credentials (
    store_id  text PRIMARY KEY REFERENCES stores (id),
    -- The id of the key that seals it.
    key_id    text NOT NULL,
    -- Nonce, ciphertext and tag in base64.
    sealed    text NOT NULL,
    fence     bigint NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX store_credentials_by_key ON store_credentials (key_id);

-- Once a store is gone, nothing is shown of it any more.
CREATE OR REPLACE FUNCTION forget_store() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM store_snapshots WHERE store_id = NEW.id;
    DELETE FROM store_releases WHERE store_id = NEW.id;
    DELETE FROM store_credentials WHERE store_id = NEW.id;
    RETURN NULL;
END $$;

-- The audit: from where, and what came of it.
ALTER TABLE audit ADD COLUMN address text, ADD COLUMN outcome text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused'));
CREATE INDEX audit_by_actor ON audit (actor, id DESC);
CREATE INDEX audit_by_action ON audit (action, id DESC);
