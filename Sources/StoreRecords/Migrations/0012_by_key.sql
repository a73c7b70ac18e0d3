-- What runs for every job and every store finds its rows by key, whatever the statistics say. A session keeps the plans of its functions; one that was
-- made while a table was empty reads the whole of it until the next ANALYZE, which may be thousands of stores later.
DO $$
DECLARE
    called regprocedure;
BEGIN
    FOR called IN
        SELECT oid FROM pg_proc
         WHERE pronamespace = current_schema()::regnamespace AND proname IN (
            'claim_job', 'settle_job', 'reclaim_job', 'renew_lease', 'holds_lease', 'cancel_store_job', 'release_lapsed',
            'follow_attempt', 'follow_job', 'follow_store', 'follow_health', 'create_store', 'delete_store', 'retry_store', 'observe_stores')
    LOOP
        -- A table without an index is read all the same, at a price that would let PostgreSQL compile the statement each time.
        EXECUTE format('ALTER FUNCTION %s SET enable_seqscan = off SET jit = off', called);
    END LOOP;
END $$;
