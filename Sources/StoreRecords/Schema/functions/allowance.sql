-- What stores of a plan count, and who may have how much.

-- Locks: nothing.
-- Returns: the half units that a store counts: 2, 4 or 8 by its plan (StoreDomain.StorePlan has the same), half of that asleep.
CREATE OR REPLACE FUNCTION store_weight(plan text, asleep boolean) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE plan WHEN 'small' THEN 2 WHEN 'medium' THEN 4 ELSE 8 END / CASE WHEN asleep THEN 2 ELSE 1 END
$$;

-- Locks: nothing.
-- Returns: the plan of a new store whose owner names none: what the worker that reported last has in its chart, else small.
CREATE OR REPLACE FUNCTION default_plan(p_engine text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT c.default_plan FROM worker_charts c JOIN worker_reports r ON r.worker = c.worker
                      WHERE c.engine = p_engine AND c.is_current ORDER BY r.reported_at DESC LIMIT 1), 'small')
$$;

-- How many units a user may have: the user's own number, else the role's, else p_standard.
-- Locks: nothing.
-- Returns: the number.
CREATE OR REPLACE FUNCTION unit_quota(p_user text, p_role text, p_standard integer) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT units FROM user_quotas WHERE user_id = p_user), (SELECT units FROM role_quotas WHERE role = p_role), p_standard)
$$;
