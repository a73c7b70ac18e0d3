-- What a store is to be: a generation of columns in `stores`, with its history in `store_specs`. And the classes of jobs.

-- The spec. A request that changes any of it makes one new generation; a worker makes the newest one true. NULL: not known before a worker
-- has looked at the store for the first time.
ALTER TABLE stores
    ADD COLUMN generation         bigint NOT NULL DEFAULT 1 CHECK (generation >= 1),
    -- The last generation that the cluster had in full; 0 until the store is ready for the first time.
    ADD COLUMN applied_generation bigint NOT NULL DEFAULT 0,
    ADD COLUMN plan               text NOT NULL DEFAULT 'small' CHECK (plan IN ('small', 'medium', 'large')),
    -- The chart's, e.g. '1.1.0'.
    ADD COLUMN version            text CHECK (length(version) BETWEEN 1 AND 64),
    -- A rollout leaves it alone.
    ADD COLUMN pinned             boolean NOT NULL DEFAULT false,
    ADD COLUMN asleep             boolean NOT NULL DEFAULT false,
    -- Sizes of the volumes in MiB.
    ADD COLUMN database_mib       integer CHECK (database_mib > 0),
    ADD COLUMN uploads_mib        integer CHECK (uploads_mib > 0),
    -- '': what was the cluster's default when the volumes were made.
    ADD COLUMN storage_class      text CHECK (length(storage_class) <= 253),
    -- The storefront's host name.
    ADD COLUMN host               text CHECK (length(host) BETWEEN 1 AND 253),
    -- When it is awake of itself, as StoreDomain.AwakeSchedule writes it; no part of a generation. NULL: it sleeps and wakes by hand alone.
    ADD COLUMN awake_schedule     text CHECK (length(awake_schedule) BETWEEN 1 AND 200),
    -- When the schedule puts it to sleep or wakes it next; NULL where it never does.
    ADD COLUMN schedule_next_at   timestamptz,
    -- Half units of the plan, see store_weight. Until a change is applied or taken back, the heavier of what was and what is to be.
    ADD COLUMN weight             integer NOT NULL DEFAULT 2 CHECK (weight > 0),
    -- What a job is changing of a ready store now.
    ADD COLUMN activity           text CHECK (activity IN ('resizing', 'upgrading', 'renaming', 'falling-asleep', 'waking', 'restoring', 'backing-up', 'renewing-password')),
    ADD CHECK (applied_generation <= generation),
    ADD CHECK (schedule_next_at IS NULL OR awake_schedule IS NOT NULL);
CREATE INDEX stores_by_host ON stores (host) WHERE deleted_at IS NULL;
CREATE INDEX stores_by_schedule ON stores (schedule_next_at) WHERE schedule_next_at IS NOT NULL AND deleted_at IS NULL;

-- Each generation as it was asked for, or as it became when a worker first looked at it.
CREATE TABLE store_specs (
    store_id       text NOT NULL REFERENCES stores (id),
    generation     bigint NOT NULL CHECK (generation >= 1),
    -- As in stores.
    name           text NOT NULL,
    plan           text NOT NULL,
    version        text,
    asleep         boolean NOT NULL,
    database_mib   integer,
    uploads_mib    integer,
    storage_class  text,
    host           text,
    admin_revision integer NOT NULL,
    -- All values that the chart is installed with, but the nodes' addresses; nothing secret. NULL until a worker began to apply it.
    values         jsonb,
    -- Whether the values are made anew from the worker's files and settings, also where the version stays.
    from_files     boolean NOT NULL DEFAULT false,
    -- Whether Helm sets fields for it that another manager has set.
    takes_over     boolean NOT NULL DEFAULT false,
    -- Who asked for it; NULL for the store's creation and what a worker does of itself.
    changed_by     text,
    changed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- NULL while it is to be made true. 'kept': the change was not made, and the store went on with the generation before it.
    outcome        text CHECK (outcome IN ('applied', 'kept')),
    PRIMARY KEY (store_id, generation)
);

INSERT INTO store_specs (store_id, generation, name, plan, asleep, admin_revision, changed_at, outcome)
SELECT id, 1, name, plan, asleep, admin_revision, created_at, CASE WHEN first_ready_at IS NOT NULL THEN 'applied' END FROM stores;
UPDATE stores SET applied_generation = 1, host = lower(substring(url FROM '^https?://([^/:]+)'))
 WHERE first_ready_at IS NOT NULL AND deleted_at IS NULL;
UPDATE store_specs g SET host = s.host FROM stores s WHERE s.id = g.store_id;

-- Half units that the stores counted in `used` weigh, see plan_weight.
ALTER TABLE store_usage ADD COLUMN weight integer NOT NULL DEFAULT 0 CHECK (weight >= 0);
UPDATE store_usage SET weight = 2 * used;

-- How many units of plans a user may have; NULL, as of stores: as many as the role or the setting says.
ALTER TABLE user_quotas ALTER COLUMN stores DROP NOT NULL;
ALTER TABLE role_quotas ALTER COLUMN stores DROP NOT NULL;
ALTER TABLE user_quotas ADD COLUMN units integer CHECK (units BETWEEN 0 AND 4000000);
ALTER TABLE role_quotas ADD COLUMN units integer CHECK (units BETWEEN 0 AND 4000000);

-- Which versions of the charts the workers have, each worker's own. A worker reports them with the rest of its state.
CREATE TABLE worker_charts (
    worker       text NOT NULL REFERENCES worker_reports (worker) ON DELETE CASCADE,
    engine       text NOT NULL CHECK (engine IN ('woocommerce', 'medusa')),
    -- The chart's.
    version      text NOT NULL,
    -- Of the engine in it, e.g. '11.2.0'.
    app_version  text NOT NULL,
    -- Whether this worker installs new stores with it.
    is_current   boolean NOT NULL,
    -- Of a new store whose owner names none.
    default_plan text NOT NULL CHECK (default_plan IN ('small', 'medium', 'large')),
    -- What each plan gives: {"small": {"cpu": "1", "memory": "512Mi", "databaseMemory": "768Mi"}, ...}, and the volumes of a new store:
    -- {"database": "5Gi", "uploads": "5Gi"}.
    plans        jsonb NOT NULL,
    storage      jsonb NOT NULL,
    PRIMARY KEY (worker, engine, version)
);

-- Jobs wait and are counted by class: 0 deletes, 1 what somebody waits for, 2 background.
ALTER TABLE jobs
    ADD COLUMN class      smallint NOT NULL DEFAULT 1 CHECK (class BETWEEN 0 AND 2),
    -- The generation that the attempt makes true; set with its claim.
    ADD COLUMN generation bigint,
    -- Where the making of the generation is: a successor goes on there. 'going-back': the change failed, as error says, and the store is to get
    -- back what it had.
    ADD COLUMN phase      text CHECK (phase IN ('going-back'));
UPDATE jobs SET class = 0 WHERE kind = 'delete';
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check CHECK (kind IN ('provision', 'retry', 'delete', 'apply'));
DROP INDEX jobs_one_living;
-- One unfinished job of each class for a store.
CREATE UNIQUE INDEX jobs_one_living ON jobs (store_id, class) WHERE state IN ('queued', 'running');
-- They take or return more now, which CREATE OR REPLACE cannot change.
DROP FUNCTION IF EXISTS claim_job(bigint, text, text, double precision, integer);
DROP FUNCTION IF EXISTS claim_jobs(bigint[], text[], text, double precision, integer);
DROP FUNCTION IF EXISTS settle_jobs(
    bigint[], text[], bigint[], text[], text[], text[], text[], text[], boolean[], double precision[], text[], text[]);
