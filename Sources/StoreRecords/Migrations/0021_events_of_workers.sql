-- Beside what Helm said, which is much.
CREATE INDEX store_events_of_workers ON store_events (store_id, id DESC) WHERE source = 'worker';
