-- PostgreSQL takes an array that it does not know for ten elements, and so plans a statement anew for each call that brings fewer: a seventh of what a job
-- cost it. These name their rows by arrays of keys, for which one plan is as good as any.
ALTER FUNCTION claim_jobs SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION settle_jobs SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION accept_stores SET plan_cache_mode = force_generic_plan;
