-- What every write to jobs entails. Triggers of one kind fire in the order of their names.

-- A job that has ended stays as it is.
-- Locks: nothing.
-- Returns: the row unchanged; raises SW005.
CREATE OR REPLACE FUNCTION guard_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state NOT IN ('queued', 'running') AND NEW.state <> OLD.state THEN
        RAISE EXCEPTION 'job % is % for good', OLD.id, OLD.state USING ERRCODE = 'SW005';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER jobs_guard BEFORE UPDATE OF state ON jobs FOR EACH ROW EXECUTE FUNCTION guard_job();

-- The history of new jobs, once for all rows of a statement.
-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION after_insert_jobs() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO job_history (job_id, to_state, fence, attempt, reclaims, error)
    SELECT made.id, made.state, made.fence, made.attempt, made.reclaims, made.error FROM made;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER jobs_after_insert AFTER INSERT ON jobs REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION after_insert_jobs();

-- The history of a job's states. When a running job is to stop, notifies `job_cancels` of its number: the worker that runs it listens
-- and need not wait for its next renewal.
-- Locks: nothing.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION record_job_history() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    IF NEW.state <> OLD.state THEN
        INSERT INTO job_history (job_id, from_state, to_state, worker, fence, attempt, reclaims, error)
        VALUES (NEW.id, OLD.state, NEW.state, coalesce(NEW.worker, OLD.worker), NEW.fence, NEW.attempt, NEW.reclaims, NEW.error);
    END IF;
    IF NEW.state = 'running' AND OLD.cancel_requested_at IS NULL AND NEW.cancel_requested_at IS NOT NULL THEN
        PERFORM pg_notify('job_cancels', NEW.id::text);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER jobs_record_history AFTER UPDATE OF state, cancel_requested_at ON jobs FOR EACH ROW EXECUTE FUNCTION record_job_history();

-- Opens an attempt when a job starts to run and closes it when the job stops. Removes all but a store's last twenty with their logs; backups are
-- counted for themselves, so that a month of nights leaves what made the store.
-- Locks: the rows of attempts and store_events that it writes.
-- Returns: nothing.
CREATE OR REPLACE FUNCTION record_attempt_history() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
DECLARE
    oldest bigint;
    gone bigint[];
BEGIN
    IF OLD.state = 'running' AND NEW.state <> 'running' THEN
        UPDATE attempts SET ended_at = clock_timestamp(), message = NEW.error,
            outcome = CASE WHEN NEW.reclaims > OLD.reclaims THEN 'vanished'
                           WHEN NEW.state <> 'queued' THEN NEW.state
                           -- Queued for the next generation, without a word of anything wrong.
                           WHEN NEW.attempt < OLD.attempt AND NEW.error IS NULL THEN 'succeeded'
                           WHEN NEW.attempt < OLD.attempt THEN 'handed-back'
                           ELSE 'failed' END
         WHERE fence = OLD.fence;
    ELSIF NEW.state = 'running' AND OLD.state <> 'running' THEN
        INSERT INTO attempts (fence, store_id, job_id, kind, number, worker)
        VALUES (NEW.fence, NEW.store_id, NEW.id, NEW.kind, NEW.attempt, NEW.worker);
        SELECT fence INTO oldest FROM attempts WHERE store_id = NEW.store_id AND (kind = 'backup') = (NEW.kind = 'backup')
         ORDER BY fence DESC OFFSET 20 LIMIT 1;
        IF FOUND THEN
            WITH removed AS (
                DELETE FROM attempts WHERE store_id = NEW.store_id AND fence <= oldest AND (kind = 'backup') = (NEW.kind = 'backup') RETURNING fence)
            SELECT array_agg(fence) INTO gone FROM removed;
            DELETE FROM store_events WHERE store_id = NEW.store_id AND coalesce(fence, 0) = ANY (gone || 0::bigint);
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER jobs_record_attempt_history AFTER UPDATE OF state ON jobs FOR EACH ROW EXECUTE FUNCTION record_attempt_history();
