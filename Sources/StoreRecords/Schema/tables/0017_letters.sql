-- Mails to one person that are no notices, and what the links in them are good for.

CREATE TABLE letters (
    id      text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{32}$'),
    -- To whom it goes and what it says, sealed under CHANNEL_KEYS.
    key_id  text NOT NULL,
    sealed  text NOT NULL,
    -- Attempts so far; the next is not made before next_at. A courier that took one and was lost has a minute.
    attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- What it says is over then: it is not sent any more. One that was sent goes.
    ends_at timestamptz NOT NULL
);
CREATE INDEX letters_due ON letters (next_at);

-- A link by which a forgotten password is set anew. The last one of an account counts alone.
CREATE TABLE password_resets (
    account_id  text PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    id          text NOT NULL UNIQUE CHECK (id ~ '^[0-9a-f]{16}$'),
    -- SHA-256 in hex of the secret in the link.
    secret_hash text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX password_resets_by_end ON password_resets (expires_at);
