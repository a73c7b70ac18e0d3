-- What follows a job's beginning is written for all rows of a statement at once, as 0016 has it for stores.
CREATE FUNCTION begin_jobs() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
    INSERT INTO job_history (job_id, to_state, fence, attempt, reclaims, error)
    SELECT made.id, made.state, made.fence, made.attempt, made.reclaims, made.error FROM made;
    RETURN NULL;
END $$;
DROP TRIGGER jobs_follow ON jobs;
CREATE TRIGGER jobs_begin AFTER INSERT ON jobs REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION begin_jobs();
CREATE TRIGGER jobs_follow AFTER UPDATE OF state, cancel_requested_at ON jobs FOR EACH ROW EXECUTE FUNCTION follow_job();
