-- Rollouts: many stores get another version of their chart, in waves.
--
-- Lock order: rollouts come before everything else, then rollout_stores; only what advances or operates a rollout locks them.

ALTER TABLE stores
    -- Of a pinned store: until then. NULL: nobody set an end.
    ADD COLUMN pinned_until timestamptz,
    ADD CHECK (pinned_until IS NULL OR pinned);
CREATE INDEX stores_by_pin ON stores (pinned_until) WHERE pinned_until IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE rollouts (
    id              text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{12}$'),
    engine          text NOT NULL CHECK (engine IN ('woocommerce', 'medusa')),
    -- The chart's.
    to_version      text NOT NULL CHECK (length(to_version) BETWEEN 1 AND 64),
    -- 'planned' until stores may begin for the first time. 'halted': more members went wrong than may, and an operator has not decided yet.
    state           text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'paused', 'halted', 'done', 'cancelled')),
    -- Where each wave ends among the members that are no canaries: [{"count": 3}, {"percent": 10}, {"percent": 100}].
    waves           jsonb NOT NULL,
    -- How many members run at once.
    batch           integer NOT NULL CHECK (batch BETWEEN 1 AND 1000),
    max_failures    integer NOT NULL CHECK (max_failures BETWEEN 0 AND 1000000),
    -- For how long an upgraded store is watched before it counts as done.
    soak_seconds    integer NOT NULL CHECK (soak_seconds BETWEEN 0 AND 604800),
    respect_windows boolean NOT NULL,
    -- Neither pins nor windows hold it up.
    urgent          boolean NOT NULL,
    -- What becomes of a store that sleeps.
    sleeping        text NOT NULL CHECK (sleeping IN ('upgrade', 'skip')),
    reason          text CHECK (length(reason) BETWEEN 1 AND 500),
    created_by      text NOT NULL CHECK (length(created_by) BETWEEN 1 AND 200),
    -- How many members had gone wrong when an operator went on after a halt: they do not halt it again.
    forgiven        integer NOT NULL DEFAULT 0 CHECK (forgiven >= 0),
    -- Why it was halted last; kept when it goes on.
    halted_reason   text,
    -- It waits for its hours until then; NULL: it may begin stores.
    opens_at        timestamptz,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at      timestamptz,
    ended_at        timestamptz,
    CHECK ((state IN ('done', 'cancelled')) = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX rollouts_one_unfinished ON rollouts (engine) WHERE ended_at IS NULL;
CREATE INDEX rollouts_newest ON rollouts (created_at DESC, id);
CREATE INDEX rollouts_ended ON rollouts (ended_at) WHERE ended_at IS NOT NULL;

-- The stores of a rollout, drawn when it was made.
CREATE TABLE rollout_stores (
    rollout_id   text NOT NULL REFERENCES rollouts (id) ON DELETE CASCADE,
    store_id     text NOT NULL REFERENCES stores (id),
    -- Its place in the rollout, from 1: members begin in this order.
    place        integer NOT NULL CHECK (place >= 1),
    -- 0: the canaries.
    wave         integer NOT NULL CHECK (wave >= 0),
    -- 'kept': it was upgraded and taken back, and serves as before. 'skipped': nothing was done to it, or somebody else took it over.
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'soaking', 'done', 'kept', 'failed', 'skipped')),
    -- Why it was kept, failed or skipped, for people.
    reason       text,
    -- The chart's when it was drawn; NULL: not known.
    from_version text,
    -- The store's generation that has the new version, and the job that made or makes it true; NULL: it was never begun.
    generation   bigint,
    job_id       bigint,
    began_at     timestamptz,
    -- When the cluster had the new version.
    applied_at   timestamptz,
    ended_at     timestamptz,
    PRIMARY KEY (rollout_id, store_id)
);
CREATE UNIQUE INDEX rollout_stores_by_place ON rollout_stores (rollout_id, place);
CREATE INDEX rollout_stores_unfinished ON rollout_stores (rollout_id, state) WHERE state IN ('waiting', 'running', 'soaking');
CREATE INDEX rollout_stores_of_store ON rollout_stores (store_id);
