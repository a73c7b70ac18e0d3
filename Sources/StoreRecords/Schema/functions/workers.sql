-- Workers by what they report.

-- A worker that has not reported for half a minute counts as gone.
-- Locks: nothing.
-- Returns: whether it counts.
CREATE OR REPLACE FUNCTION is_alive(report worker_reports) RETURNS boolean LANGUAGE sql AS $$
    SELECT report.reported_at > clock_timestamp() - interval '30 seconds'
$$;

-- Locks: nothing.
-- Returns: whether a worker has that version of an engine's chart.
CREATE OR REPLACE FUNCTION has_chart(p_engine text, p_version text) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (SELECT 1 FROM worker_charts c JOIN worker_reports r ON r.worker = c.worker
                    WHERE c.engine = p_engine AND c.version = p_version AND is_alive(r))
$$;
