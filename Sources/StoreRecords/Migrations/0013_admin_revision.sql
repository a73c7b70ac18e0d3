-- How often the owner asked for a new password of the shop's administrator. A worker makes one when the cluster has an older one's number.
ALTER TABLE stores ADD COLUMN admin_revision integer NOT NULL DEFAULT 0;

-- A ready store is applied anew, with a new password. outcome: accepted | not_ready | not_found
CREATE FUNCTION renew_administrator(
    p_id text, p_visible_to text, p_traceparent text,
    OUT outcome text, OUT accepted_job bigint, OUT store stores
) LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
BEGIN
    SELECT * INTO store FROM stores s
     WHERE s.id = p_id AND s.deleted_at IS NULL AND (p_visible_to IS NULL OR s.owner = p_visible_to) FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'not_found';
    ELSIF store.status <> 'ready' THEN
        outcome := 'not_ready';
    ELSE
        -- By way of failed, as every store that is made anew: ready becomes provisioning in no other way.
        UPDATE stores s SET status = 'failed', error_message = 'A new password was asked for.', admin_revision = s.admin_revision + 1 WHERE s.id = p_id;
        SELECT r.outcome, r.accepted_job INTO outcome, accepted_job FROM retry_store(p_id, p_visible_to, p_traceparent) r;
        SELECT * INTO store FROM stores s WHERE s.id = p_id;
    END IF;
END $$;
