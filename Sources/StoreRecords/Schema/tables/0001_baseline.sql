-- Every table, sequence and index. Functions and triggers are in ../functions.
--
-- Conventions. Times of our own are read from PostgreSQL's clock. `fence` is a number of the sequence `fences`. `namespace` is a Kubernetes
-- namespace, `worker` a worker's WORKER_NAME, `job_id` a number of `jobs`, kept also when that row is gone. `owner` and `user_id` name an
-- account, a user of the identity provider or the value of X-User-Id, as AUTH_MODE has it. NULL means "none" where nothing else is said.
--
-- Lock order. What locks rows of several tables does so in this order, and within a table by ascending key: namespace_leases, jobs, stores,
-- store_usage ('total' before any user's row). release_lapsed and repair_consistency follow it for one job or store after the other, so
-- PostgreSQL may end them as a deadlock; the sweep or the operator runs them again.

-- ============================================================ Stores

CREATE TABLE stores (
    id                      text PRIMARY KEY CHECK (id ~ '^[a-f][0-9a-f]{11}$'),
    name                    text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    engine                  text NOT NULL CHECK (engine IN ('woocommerce', 'medusa')),
    -- E.g. 'WooCommerce 10.4.2', as the release that runs says.
    engine_version          text,
    owner                   text CHECK (length(owner) BETWEEN 1 AND 200),
    namespace               text NOT NULL CHECK (namespace ~ '^store-[a-z0-9]([a-z0-9-]*[a-z0-9])?$' AND length(namespace) <= 63),
    -- The storefront's address; set when the store becomes ready.
    url                     text,

    status                  text NOT NULL CHECK (status IN ('provisioning', 'ready', 'failed', 'deleting')),
    -- Why the status is 'failed', for people.
    error_message           text,
    -- The kind of failure, e.g. 'image-pull'.
    failure_cause           text,
    -- Any change but an observation of the cluster.
    updated_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- When the first attempt of the latest provision or retry began.
    provisioning_started_at timestamptz,
    -- When it became ready last, and first. A store that was ever ready is never reinstalled from nothing.
    ready_at                timestamptz,
    first_ready_at          timestamptz,
    -- Set once its namespace is gone; the row stays for the history.
    deleted_at              timestamptz,

    -- The five provisioning steps: when each was completed, and which one failed why.
    namespace_created_at    timestamptz,
    secrets_generated_at    timestamptz,
    database_ready_at       timestamptz,
    app_deployed_at         timestamptz,
    ingress_ready_at        timestamptz,
    failed_step             text CHECK (failed_step IN ('namespace', 'secrets', 'database', 'app', 'ingress')),
    failed_step_error       text,

    -- Of a ready store: how it is, since when, and why it is not healthy. NULL in any other status.
    health                  text CHECK (health IN ('healthy', 'degraded', 'unknown')),
    health_since            timestamptz,
    health_cause            text,
    -- What was removed from the cluster outside Store Weaver: the whole namespace, or the release's workloads.
    drift                   text CHECK (drift IN ('namespace', 'release')),
    -- Of a ready store: why its last change was not made, a word for programs such as 'helm-conflict', a text for people, and since when.
    change_error_code       text,
    change_error            text,
    change_error_at         timestamptz,
    CHECK ((change_error_code IS NULL) = (change_error IS NULL) AND (change_error IS NULL) = (change_error_at IS NULL)),
    -- Desired and ready replicas of Deployments and StatefulSets; container restarts.
    replicas                integer NOT NULL DEFAULT 0 CHECK (replicas >= 0),
    pods_running            integer NOT NULL DEFAULT 0 CHECK (pods_running >= 0),
    pod_restarts            integer NOT NULL DEFAULT 0 CHECK (pod_restarts >= 0),
    -- When the watcher last wrote one of the columns above. An update that sets it leaves updated_at alone.
    observed_at             timestamptz,

    -- How often the owner asked for a new administrator's password. A worker makes one when the cluster has a smaller number.
    admin_revision          integer NOT NULL DEFAULT 0,
    -- The highest fence that ever wrote this row, and the job that last changed its status.
    fence                   bigint NOT NULL DEFAULT 0,
    job_id                  bigint,
    -- The transaction of the last change: a reader that was away asks by it for what it missed, without a gap.
    changed                 xid8 NOT NULL DEFAULT pg_current_xact_id()
) WITH (fillfactor = 80);

-- A namespace belongs to one store that is not deleted.
CREATE UNIQUE INDEX stores_namespace_key ON stores (namespace) WHERE deleted_at IS NULL;
CREATE INDEX stores_newest ON stores (created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX stores_newest_of_owner ON stores (owner, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX stores_deleted ON stores (deleted_at) WHERE deleted_at IS NOT NULL;

-- How many stores count toward each quota: those that are neither deleted nor being deleted. Kept by triggers.
CREATE TABLE store_usage (
    -- 'total', or 'user:' and the owner.
    scope text PRIMARY KEY,
    used  integer NOT NULL CHECK (used >= 0)
) WITH (fillfactor = 50);
INSERT INTO store_usage VALUES ('total', 0);

-- Every change of a store's status, written by triggers.
CREATE TABLE store_history (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id    text NOT NULL REFERENCES stores (id),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- NULL for the row's creation.
    from_status text,
    -- A status of stores, or 'deleted' once the store is gone.
    to_status   text NOT NULL,
    job_id      bigint,
    fence       bigint NOT NULL,
    message     text
);
CREATE INDEX store_history_of_store ON store_history (store_id, id);
CREATE INDEX store_history_by_age ON store_history (at);

-- Every change of stores.health, written by a trigger. NULL: the store was not, or is no longer, ready.
CREATE TABLE health_history (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id    text NOT NULL REFERENCES stores (id),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    from_health text,
    to_health   text,
    cause       text
);
CREATE INDEX health_history_of_store ON health_history (store_id, id DESC);
CREATE INDEX health_history_by_age ON health_history (at);

-- The build log: lines of workers and of Helm, by attempt and stage.
CREATE TABLE store_events (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id text NOT NULL REFERENCES stores (id),
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind     text NOT NULL CHECK (kind IN ('Normal', 'Warning', 'Error')),
    -- At most 2,000 bytes.
    message  text NOT NULL,
    source   text NOT NULL DEFAULT 'worker' CHECK (source IN ('worker', 'helm')),
    -- A word of StoreDomain.BuildStage.
    stage    text,
    job_id   bigint,
    -- The attempt's.
    fence    bigint
);
CREATE INDEX store_events_of_store ON store_events (store_id, id DESC);
-- What a store's detail shows: without Helm's lines, which are many.
CREATE INDEX store_events_of_workers ON store_events (store_id, id DESC) WHERE source = 'worker';
CREATE INDEX store_events_of_attempt ON store_events (fence, id);

-- What the watcher last saw in a store's namespace. Arrays of one prefix have one element for each object or event.
CREATE TABLE store_snapshots (
    store_id          text PRIMARY KEY REFERENCES stores (id),
    taken_at          timestamptz NOT NULL,
    -- The leadership term of the watcher that wrote it.
    term              bigint NOT NULL,
    resource_kinds    text[] NOT NULL,
    resource_names    text[] NOT NULL,
    resource_statuses text[] NOT NULL,
    -- Ready and desired, e.g. '1/1'; NULL for what has no replicas.
    resource_replicas text[] NOT NULL,
    resources_made_at timestamptz[] NOT NULL,
    -- Events of Kubernetes.
    event_times       timestamptz[] NOT NULL,
    event_kinds       text[] NOT NULL,
    event_messages    text[] NOT NULL,
    -- Six Kubernetes quantities, e.g. '200m': CPU used and its limit, memory used and its limit, volumes used and their limit.
    quotas            text[] NOT NULL,
    -- What the store's volumes hold as the store counted it, in bytes, beside what they may; empty until it said so.
    volume_names      text[] NOT NULL,
    volume_used       bigint[] NOT NULL,
    volume_sizes      bigint[] NOT NULL
);

-- What the attempt that installs the release reads of it; the watcher has no right to see Secrets.
CREATE TABLE store_releases (
    store_id        text PRIMARY KEY REFERENCES stores (id),
    fence           bigint NOT NULL,
    -- YAML, with the values of Secrets redacted; its first MiB.
    manifest        text,
    -- One element of each for each Secret in the namespace.
    secret_names    text[] NOT NULL,
    secrets_made_at timestamptz[] NOT NULL
);

-- The administrator's account of a store, encrypted; no key to it is in this database.
CREATE TABLE store_credentials (
    store_id  text PRIMARY KEY REFERENCES stores (id),
    -- Which key encrypts it.
    key_id    text NOT NULL,
    -- Nonce, ciphertext and tag in base64.
    sealed    text NOT NULL,
    fence     bigint NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX store_credentials_by_key ON store_credentials (key_id);

-- Idempotency-Key of POST /api/stores: for 24 hours the same key of the same owner with the same body gives the same store.
CREATE TABLE idempotency_keys (
    -- '' for requests without a user.
    owner       text NOT NULL,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    body_digest text NOT NULL,
    store_id    text,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- ============================================================ Jobs and attempts

-- Work that was accepted.
CREATE TABLE jobs (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id            text NOT NULL REFERENCES stores (id),
    kind                text NOT NULL CHECK (kind IN ('provision', 'retry', 'delete')),
    -- As in the store's row.
    namespace           text NOT NULL,
    owner               text,
    state               text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    -- Attempts so far, the running one included. One that releases the job, or is lost with its worker, is taken off again.
    attempt             integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    max_attempts        integer NOT NULL DEFAULT 5 CHECK (max_attempts > 0),
    -- Attempts that were lost with their worker; with max_reclaims of them the job fails.
    reclaims            integer NOT NULL DEFAULT 0 CHECK (reclaims >= 0),
    max_reclaims        integer NOT NULL DEFAULT 3 CHECK (max_reclaims > 0),
    -- A queued job is not claimed before.
    run_after           timestamptz NOT NULL DEFAULT clock_timestamp(),
    cancel_requested_at timestamptz,
    -- Of an operator; NULL when the store's deletion cancels the job.
    cancel_reason       text,
    -- Of the latest attempt.
    error               text,
    -- The attempt that runs it, or ran it last; a queued job has no worker.
    worker              text,
    fence               bigint,
    attempt_id          text,
    -- Of the request that made it, as W3C Trace Context writes it.
    traceparent         text,
    -- Whether the job's Helm sets fields that another manager has set.
    takes_over          boolean NOT NULL DEFAULT false,
    created_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at          timestamptz,
    finished_at         timestamptz
) WITH (fillfactor = 80);

-- One unfinished job of each direction for a store: one that creates, and one that deletes.
CREATE UNIQUE INDEX jobs_one_living ON jobs (store_id, (kind = 'delete')) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_queued ON jobs (id) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (namespace) WHERE state = 'running';
CREATE INDEX jobs_of_store ON jobs (store_id, id DESC);
CREATE INDEX jobs_failed ON jobs (finished_at DESC) WHERE state = 'failed';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- Every change of a job's state, written by triggers.
CREATE TABLE job_history (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id     bigint NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- NULL for the row's creation.
    from_state text,
    to_state   text NOT NULL,
    worker     text,
    fence      bigint,
    attempt    integer NOT NULL,
    reclaims   integer NOT NULL,
    error      text
);
CREATE INDEX job_history_of_job ON job_history (job_id, id);

-- What each attempt at a job did, found and came to. Opened and closed by a trigger on jobs; a store keeps its last twenty.
CREATE TABLE attempts (
    fence      bigint PRIMARY KEY,
    store_id   text NOT NULL REFERENCES stores (id),
    job_id     bigint NOT NULL,
    -- As in the job's row.
    kind       text NOT NULL,
    -- From 1; jobs.attempt while it ran.
    number     integer NOT NULL,
    worker     text,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz,
    -- NULL while it runs. 'handed-back': its worker released the job. 'vanished': its worker was lost.
    outcome    text CHECK (outcome IN ('succeeded', 'failed', 'cancelled', 'handed-back', 'vanished')),
    message    text,
    -- As stores.failure_cause.
    cause      text,
    -- States of pods, conditions, events and last log lines, as the cluster said them.
    evidence   jsonb
);
CREATE INDEX attempts_of_store ON attempts (store_id, fence DESC);

-- Which attempt holds a namespace. PostgreSQL alone decides; Redis only says when to look.
CREATE TABLE namespace_leases (
    namespace  text PRIMARY KEY,
    -- Of the present or the last holder.
    fence      bigint NOT NULL DEFAULT 0,
    -- The holder's, also after it was lost; NULL once it released the namespace. job_id is NULL while an operator removes an orphan.
    attempt_id text,
    job_id     bigint,
    worker     text,
    -- '-infinity' once released. A time in the past: the holder was lost.
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);

-- One sequence for all namespaces: a store that moves to another namespace still sees only higher fences. It is read under the
-- namespace's row lock, so within a namespace the order is that of the claims.
CREATE SEQUENCE fences;

-- Whether any job may be claimed. One row, whose three columns are NULL while the queue runs.
CREATE TABLE queue_control (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    paused_at timestamptz,
    paused_by text,
    reason    text,
    CHECK ((paused_at IS NULL) = (reason IS NULL) AND (paused_at IS NULL) = (paused_by IS NULL))
);
INSERT INTO queue_control DEFAULT VALUES;

-- ============================================================ Workers and the cluster

-- What every worker says of itself, every ten seconds.
CREATE TABLE worker_reports (
    worker      text PRIMARY KEY,
    reported_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Helm's, or 'no helm'.
    version     text NOT NULL,
    -- How many attempts it may run at once, and how many it runs.
    slots       integer NOT NULL,
    busy        integer NOT NULL,
    -- Whether it reaches the Kubernetes API, and whether its Helm runs.
    kubernetes  boolean NOT NULL,
    helm        boolean NOT NULL
) WITH (fillfactor = 50);

-- Workers that are to take no more jobs. What they run continues.
CREATE TABLE worker_drains (
    worker   text PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    asked_by text NOT NULL,
    reason   text NOT NULL
);

-- Roles that one worker at a time has. They are leases, since a frozen process would keep a session lock.
CREATE TABLE leader_leases (
    role       text PRIMARY KEY,
    -- A worker.
    holder     text NOT NULL,
    expires_at timestamptz NOT NULL,
    -- Grows with each new holder; a write under an older term is refused.
    term       bigint NOT NULL DEFAULT 1
);

-- Found in the cluster or in the records without its counterpart.
CREATE TABLE orphans (
    -- 'namespace': a namespace of ours without a store. 'store': a ready store without its namespace.
    kind       text NOT NULL CHECK (kind IN ('namespace', 'store')),
    -- A namespace, for both kinds.
    name       text NOT NULL,
    detail     text NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, name)
);

-- Logs of pods on request: an API writes what it wants, one worker takes it and writes what it reads. Both tables are unlogged, so they
-- are empty after a crash of PostgreSQL; the API's client then asks again.
CREATE UNLOGGED TABLE log_requests (
    id           text PRIMARY KEY,
    store_id     text NOT NULL,
    namespace    text NOT NULL,
    -- NULL: the storefront's own.
    container    text,
    -- Lines from the end.
    tail         integer NOT NULL CHECK (tail BETWEEN 0 AND 5000),
    follows      boolean NOT NULL,
    -- The API moves it forward for as long as its client is connected.
    wanted_until timestamptz NOT NULL,
    -- Who serves it; NULL while nobody does.
    worker       text
);

CREATE UNLOGGED TABLE log_chunks (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id text NOT NULL REFERENCES log_requests (id) ON DELETE CASCADE,
    -- The JSON of StoreDomain.PodLogChunk.
    body       text NOT NULL
);
CREATE INDEX log_chunks_of_request ON log_chunks (request_id, id);

-- ============================================================ Accounts and access

CREATE TABLE accounts (
    -- Owns stores (stores.owner), also after its e-mail address changes.
    id            text PRIMARY KEY CHECK (id ~ '^u[0-9a-f]{15}$'),
    email         text NOT NULL CHECK (length(email) BETWEEN 3 AND 200),
    -- scrypt with its parameters and salt, as text.
    password_hash text NOT NULL,
    role          text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator', 'admin')),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- NULL: it may sign in.
    disabled_at   timestamptz
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (lower(email));

-- One for each browser that is signed in. Its refresh token is replaced whenever it is used.
CREATE TABLE sessions (
    id            text PRIMARY KEY,
    account_id    text NOT NULL REFERENCES accounts (id),
    -- SHA-256 in hex of the refresh token, and of the one before it.
    token_hash    text NOT NULL,
    previous_hash text,
    rotated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at    timestamptz NOT NULL,
    -- The client's, of the sign-in.
    address       text,
    user_agent    text
);
CREATE INDEX sessions_of_account ON sessions (account_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Tokens for scripts. No foreign key: with AUTH_MODE=oidc the users are the identity provider's.
CREATE TABLE api_tokens (
    id           text PRIMARY KEY,
    -- SHA-256 in hex.
    secret_hash  text NOT NULL,
    user_id      text NOT NULL CHECK (length(user_id) BETWEEN 1 AND 200),
    -- Of the user when the token was made. It is the most the token may do; its account's present role limits it further.
    role         text NOT NULL CHECK (role IN ('user', 'operator', 'admin')),
    name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Words separated by spaces, e.g. 'stores:read stores:write'.
    scopes       text NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
CREATE INDEX api_tokens_of_user ON api_tokens (user_id, created_at DESC);

CREATE TABLE invitations (
    id          text PRIMARY KEY,
    -- SHA-256 in hex.
    secret_hash text NOT NULL,
    -- The only address that may use it; NULL: any.
    email       text,
    -- Of the account that is made by it.
    role        text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator', 'admin')),
    invited_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);

-- Failed sign-ins in a row; also of addresses that have no account.
CREATE TABLE sign_in_failures (
    -- An e-mail address with the client's address, or an e-mail address alone.
    subject      text PRIMARY KEY,
    failures     integer NOT NULL,
    last_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    locked_until timestamptz
);
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_at);

-- How many stores a user may have, in any AUTH_MODE. A user's own number comes before the role's, that before the setting.
CREATE TABLE user_quotas (
    user_id text PRIMARY KEY CHECK (length(user_id) BETWEEN 1 AND 200),
    stores  integer NOT NULL CHECK (stores BETWEEN 0 AND 1000000)
);
CREATE TABLE role_quotas (
    role   text PRIMARY KEY CHECK (role IN ('user', 'operator', 'admin')),
    stores integer NOT NULL CHECK (stores BETWEEN 0 AND 1000000)
);

-- What operators, admins and owners did. A row is written before or with the deed and never changes.
CREATE TABLE audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor   text NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
    -- By which way it came: 'api' or 'storectl'.
    source  text NOT NULL,
    -- The client's.
    address text,
    -- E.g. 'job.cancel'.
    action  text NOT NULL,
    -- What it was done to: a job's number, a worker, a namespace.
    target  text,
    detail  text,
    outcome text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused'))
);
CREATE INDEX audit_by_target ON audit (target, id DESC);
CREATE INDEX audit_by_actor ON audit (actor, id DESC);
CREATE INDEX audit_by_action ON audit (action, id DESC);
CREATE INDEX audit_by_age ON audit (at);
