-- Making a rollout and operating it. What advances it is in rollout_advance.sql.
-- The settings: see claim_jobs.sql.

-- A chart's version as bytes whose order is the versions' (Semantic Versioning 2.0, 11); StoreDomain.ChartVersion compares the same in Swift.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION version_key(version text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT convert_to(
        (SELECT string_agg(lpad(n, 9, '0'), '' ORDER BY place)
           FROM unnest(string_to_array(split_part(version, '-', 1), '.')) WITH ORDINALITY core (n, place))
        -- What led to a version comes before it. A space is lower than all that a word may have, so that fewer words come first.
        || CASE WHEN strpos(version, '-') = 0 THEN '~' ELSE '-' || (
            SELECT string_agg(CASE WHEN word ~ '^[0-9]+$' THEN '0' || lpad(word, 64, '0') ELSE '1' || word END, ' ' ORDER BY place)
              FROM unnest(string_to_array(substr(version, strpos(version, '-') + 1), '.')) WITH ORDINALITY words (word, place)) END,
        'UTF8')
$$;

-- Whether a store's version is older than another one; one that is not known is.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION is_below(version text, other text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT version IS NULL OR version_key(version) < version_key(other)
$$;

-- The stores that a rollout of this version would have: of the engine, ready at least once, and older.
-- Locks: nothing.
-- Returns: their rows.
CREATE OR REPLACE FUNCTION rollout_candidates(p_engine text, p_version text) RETURNS SETOF stores LANGUAGE sql STABLE AS $$
    SELECT s.* FROM stores s
     WHERE s.engine = p_engine AND s.deleted_at IS NULL AND s.status <> 'deleting' AND NOT s.verification AND s.first_ready_at IS NOT NULL
       AND is_below(s.version, p_version)
$$;

-- Makes a rollout and draws its members: the canaries in the order given, then the others by the hash of their ids, which is the same for
-- every rollout and spreads the stores of one owner over the waves.
-- Locks: the new rows.
-- Returns: outcome created, no_version (no worker has it), unfinished (another rollout of the engine, `other`), no_stores (none is older), or
-- no_canary (`other` is none of the members); the rollout.
CREATE OR REPLACE FUNCTION create_rollout(
    p_id text, p_engine text, p_version text, p_waves jsonb, p_canaries text[], p_batch integer, p_max_failures integer, p_soak integer,
    p_respect boolean, p_urgent boolean, p_sleeping text, p_reason text, p_by text,
    OUT outcome text, OUT other text, OUT rollout rollouts
) LANGUAGE plpgsql AS $$
BEGIN
    IF NOT has_chart(p_engine, p_version) THEN
        outcome := 'no_version';
        RETURN;
    END IF;
    SELECT c.id INTO other FROM unnest(p_canaries) c (id)
     WHERE NOT EXISTS (SELECT 1 FROM rollout_candidates(p_engine, p_version) s WHERE s.id = c.id) LIMIT 1;
    IF other IS NOT NULL THEN
        outcome := 'no_canary';
        RETURN;
    ELSIF NOT EXISTS (SELECT 1 FROM rollout_candidates(p_engine, p_version)) THEN
        outcome := 'no_stores';
        RETURN;
    END IF;
    INSERT INTO rollouts AS r (id, engine, to_version, waves, batch, max_failures, soak_seconds, respect_windows, urgent, sleeping, reason, created_by)
    VALUES (p_id, p_engine, p_version, p_waves, p_batch, p_max_failures, p_soak, p_respect, p_urgent, p_sleeping, p_reason, p_by)
    ON CONFLICT (engine) WHERE ended_at IS NULL DO NOTHING RETURNING r.* INTO rollout;
    IF rollout.id IS NULL THEN
        outcome := 'unfinished';
        SELECT r.id INTO other FROM rollouts r WHERE r.engine = p_engine AND r.ended_at IS NULL;
        RETURN;
    END IF;
    INSERT INTO rollout_stores (rollout_id, store_id, place, wave, from_version)
    SELECT p_id, m.id, row_number() OVER (ORDER BY m.canary NULLS LAST, m.hash, m.id),
           CASE WHEN m.canary IS NOT NULL THEN 0 ELSE (
               SELECT min(w.number) FROM jsonb_array_elements(p_waves) WITH ORDINALITY w (wave, number)
                WHERE coalesce((w.wave ->> 'count')::numeric, ceil(m.others * (w.wave ->> 'percent')::numeric / 100)) >= m.rank) END,
           m.version
      FROM (SELECT s.id, s.version, c.place AS canary, md5(s.id) AS hash, count(*) FILTER (WHERE c.place IS NULL) OVER () AS others,
                   row_number() OVER (PARTITION BY c.place IS NULL ORDER BY md5(s.id), s.id) AS rank
              FROM rollout_candidates(p_engine, p_version) s
              LEFT JOIN unnest(p_canaries) WITH ORDINALITY c (id, place) ON c.id = s.id) m;
    outcome := 'created';
END $$;

-- How many members went wrong.
-- Locks: nothing.
-- Returns: that.
CREATE OR REPLACE FUNCTION rollout_failures(p_rollout text) RETURNS integer LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off AS $$
    SELECT count(*)::integer FROM rollout_stores m WHERE m.rollout_id = p_rollout AND m.state IN ('failed', 'kept')
$$;

-- Does what an operator asks of a rollout. p_action: pause (nothing begins; what runs goes on), resume (also after a halt: what went wrong until
-- then does not halt it again), cancel (what waits is skipped; what runs goes on) or retry (of what failed or was kept; a rollout that was halted
-- or done goes on).
-- Locks: the rollout, its members.
-- Returns: outcome accepted, unfit (it is in no state for that), none (nothing of it failed), unfinished (another one of the engine) or
-- not_found; the rollout as it is now.
CREATE OR REPLACE FUNCTION operate_rollout(p_id text, p_action text, OUT outcome text, OUT rollout rollouts) LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off AS $$
BEGIN
    SELECT * INTO rollout FROM rollouts r WHERE r.id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
        RETURN;
    END IF;
    outcome := CASE
        WHEN rollout.state <> ALL (CASE p_action
            WHEN 'pause' THEN ARRAY['planned', 'running'] WHEN 'resume' THEN ARRAY['paused', 'halted']
            WHEN 'cancel' THEN ARRAY['planned', 'running', 'paused', 'halted'] ELSE ARRAY['running', 'paused', 'halted', 'done'] END) THEN 'unfit'
        WHEN p_action = 'retry' AND rollout_failures(p_id) = 0 THEN 'none'
        WHEN p_action = 'retry' AND rollout.state = 'done'
            AND EXISTS (SELECT 1 FROM rollouts r WHERE r.engine = rollout.engine AND r.ended_at IS NULL) THEN 'unfinished'
        ELSE 'accepted' END;
    IF outcome <> 'accepted' THEN
        RETURN;
    END IF;
    IF p_action = 'cancel' THEN
        UPDATE rollout_stores m SET state = 'skipped', reason = 'The rollout was cancelled', ended_at = clock_timestamp()
         WHERE m.rollout_id = p_id AND m.state = 'waiting';
    ELSIF p_action = 'retry' THEN
        UPDATE rollout_stores m SET state = 'waiting', reason = NULL, applied_at = NULL, ended_at = NULL
         WHERE m.rollout_id = p_id AND m.state IN ('failed', 'kept');
    END IF;
    UPDATE rollouts r SET
        forgiven = CASE WHEN p_action = 'retry' THEN 0 WHEN r.state = 'halted' AND p_action = 'resume' THEN rollout_failures(p_id) ELSE r.forgiven END,
        state = CASE p_action WHEN 'pause' THEN 'paused' WHEN 'cancel' THEN 'cancelled'
                              WHEN 'retry' THEN CASE WHEN r.state = 'paused' THEN 'paused' ELSE 'running' END ELSE 'running' END,
        ended_at = CASE p_action WHEN 'cancel' THEN clock_timestamp() END
     WHERE r.id = p_id RETURNING r.* INTO rollout;
END $$;
