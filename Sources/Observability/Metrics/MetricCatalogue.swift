/// Every metric there is: its help text and, for histograms, its bounds in seconds. What is not listed is not exported.
///
/// Names follow Prometheus: a unit in seconds, counters end in `_total`.
package struct MetricCatalogue: Sendable {
    package enum Kind: Sendable, Equatable {
        case counter
        case gauge
        case histogram(bounds: [Double])

        package var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    package struct Entry: Sendable {
        package let kind: Kind
        package let help: String
    }

    package let entries: [String: Entry]

    /// Requests: from half a millisecond to ten seconds.
    private static let requests = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
    /// Work in the cluster: from a tenth of a second to half an hour.
    private static let work = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60, 120, 300, 600, 1_800]

    package static let standard = MetricCatalogue(entries: [
        // What a process counts of itself.
        "storeweaver_http_request_seconds": .init(
            kind: .histogram(bounds: requests),
            help: "Until a response begins, by route, method and status."
        ),
        "storeweaver_quota_refusals_total": .init(kind: .counter, help: "Stores that were refused, by quota: total or user."),
        "storeweaver_event_streams": .init(kind: .gauge, help: "Clients that follow changes in this process."),
        "storeweaver_gate_answers_total": .init(
            kind: .counter,
            help: "Answers of the gate, by state: asleep, starting, changing, restoring, unavailable, unknown or proof."
        ),
        "storeweaver_gate_lookups_total": .init(
            kind: .counter,
            help: "Hosts that the gate asked PostgreSQL for, by outcome: done or failed."
        ),
        "storeweaver_channels": .init(kind: .gauge, help: "Channels of notifications, by state: active, failing, paused or unconfirmed."),
        "storeweaver_deliveries_total": .init(
            kind: .counter,
            help: "Attempts at deliveries of notices and letters, by outcome: delivered, retried, failed, paused or stale."
        ),
        "storeweaver_notice_oldest_due_seconds": .init(
            kind: .gauge,
            help: "For how long the oldest notice or delivery waits that could be sent; 0: none does."
        ),
        "storeweaver_vault_requests_total": .init(kind: .counter, help: "Requests to the vault, by operation and status."),
        "storeweaver_vault_written_bytes_total": .init(kind: .counter, help: "What backups added to the vault."),
        "storeweaver_vault_storage_failures_total": .init(
            kind: .counter,
            help: "Requests that the vault's storage did not serve, by reason: full or failed."
        ),
        "storeweaver_vault_volume_bytes": .init(kind: .gauge, help: "The vault's volume, by part: free or whole."),
        "storeweaver_platform_backup_age_seconds": .init(
            kind: .gauge,
            help: "Age of the newest backup of the platform's own database in the vault; without any, since the worker began."
        ),
        "storeweaver_backups_total": .init(
            kind: .counter,
            help: "Backups that ended in a worker, by kind and outcome: done, or the failure's code."
        ),
        "storeweaver_restores_total": .init(
            kind: .counter,
            help: "Backups that were loaded into a store, also into a new one, by outcome: done, or the failure's code."
        ),
        "storeweaver_upgrades_total": .init(
            kind: .counter,
            help: "Stores that were given another version of their chart, by outcome: proved, went-back, or in-place, which is not proved."
        ),
        "storeweaver_upgrade_away_seconds": .init(
            kind: .histogram(bounds: [5, 10, 20, 30, 60, 120, 300, 600, 1_200]),
            help: "For how long an upgrade that one attempt made had its store closed, by outcome."
        ),
        "storeweaver_repository_checks_total": .init(
            kind: .counter,
            help: "Repositories that were to be checked and pruned, by outcome: done, or the failure's code; check-failed: it is damaged."
        ),
        "storeweaver_backups_verified_total": .init(
            kind: .counter,
            help: "Backups that were restored into a hidden store as a test, by outcome: done or failed."
        ),
        "storeweaver_purges_total": .init(
            kind: .counter,
            help: "Repositories of deleted stores that were to be removed, by outcome: done or failed."
        ),
        "storeweaver_archive_purges_total": .init(
            kind: .counter,
            help: "Archives in the vault whose time was over and that were to be removed, by outcome: done or failed."
        ),
        "storeweaver_exports_total": .init(
            kind: .counter,
            help: "Exports that ended in a worker, by outcome: done, or the failure's code."
        ),
        "storeweaver_redis_unheard_total": .init(kind: .counter, help: "News that Redis could not be told; the sweep tells it."),
        "storeweaver_pool_connections": .init(kind: .gauge, help: "Connections of this process, by pool and state: idle or lent."),
        "storeweaver_pool_waiting": .init(kind: .gauge, help: "Who waits for a connection, by pool."),
        "storeweaver_job_wait_seconds": .init(
            kind: .histogram(bounds: work),
            help: "From when a job could run until it was claimed, by kind."
        ),
        "storeweaver_attempt_seconds": .init(
            kind: .histogram(bounds: work),
            help: "How long an attempt took, by kind, engine and outcome."
        ),
        "storeweaver_slots": .init(kind: .gauge, help: "Attempts of this worker, by state: busy or free."),
        "storeweaver_helm_seconds": .init(kind: .histogram(bounds: work), help: "How long Helm ran, by command and outcome."),
        "storeweaver_sweeps_total": .init(kind: .counter, help: "Passes of the sweep, by outcome: done or failed."),
        "storeweaver_sweep_repairs_total": .init(
            kind: .counter,
            help: "What sweeps repaired: enqueued (Redis did not know it), requeued, deadLettered or cancelled (a worker had vanished)."
        ),
        "storeweaver_pruned_rows_total": .init(kind: .counter, help: "Rows that were removed since they were old enough, by table."),
        "storeweaver_fenced_writes_total": .init(kind: .counter, help: "Writes that PostgreSQL refused since the lease was over, by what."),
        "storeweaver_refused_writes_total": .init(
            kind: .counter,
            help: "Writes that PostgreSQL refuses for what is in them and would refuse again, by what."
        ),
        "storeweaver_spans_dropped_total": .init(kind: .counter, help: "Spans that the collector did not take."),
        // What the API tells of the installation, read from PostgreSQL and Redis for each scrape.
        "storeweaver_database_up": .init(kind: .gauge, help: "1 when PostgreSQL answered this scrape."),
        "storeweaver_redis_up": .init(kind: .gauge, help: "1 when Redis answered this scrape."),
        "storeweaver_jobs": .init(kind: .gauge, help: "Living jobs, by kind, class and state."),
        "storeweaver_job_oldest_ready_seconds": .init(
            kind: .gauge,
            help: "How long the oldest job that may run has waited, by kind and class."
        ),
        "storeweaver_jobs_dead": .init(kind: .gauge, help: "Jobs that failed for good and are kept."),
        "storeweaver_deletes_stuck": .init(
            kind: .gauge,
            help: "Deletions that were asked for more than 15 minutes ago and have not ended."
        ),
        "storeweaver_queue_paused": .init(kind: .gauge, help: "1 while an operator has the queue paused."),
        "storeweaver_redis_jobs": .init(kind: .gauge, help: "Jobs in Redis, by list."),
        "storeweaver_leases": .init(kind: .gauge, help: "Namespaces that are held, by state: held or overdue."),
        "storeweaver_workers": .init(
            kind: .gauge,
            help: "Workers that reported within 30 s, by state: well, blind (no cluster or Helm) or draining."
        ),
        "storeweaver_worker_slots": .init(kind: .gauge, help: "Slots of these workers, by state: busy or free."),
        "storeweaver_stores": .init(kind: .gauge, help: "Stores, by engine, status and health."),
        "storeweaver_stores_limit": .init(kind: .gauge, help: "How many stores there may be in all."),
        "storeweaver_store_volumes": .init(
            kind: .gauge,
            help: "Volumes of stores that said what they use, by volume and fill: free, nearly_full from 80 % on, full from 95 %."
        ),
        "storeweaver_store_volume_used_bytes": .init(
            kind: .gauge,
            help: "What all stores' volumes use, by volume, as the stores counted it."
        ),
        "storeweaver_backups": .init(kind: .gauge, help: "Backups that are kept, run or failed, by kind and status."),
        "storeweaver_backup_bytes": .init(kind: .gauge, help: "What the repositories of the stores' backups hold."),
        "storeweaver_backup_age_seconds": .init(
            kind: .gauge,
            help: "Age of the oldest newest backup of a store that is to have one, by engine; without any, since it was first ready."
        ),
        "storeweaver_repositories": .init(
            kind: .gauge,
            help: "Repositories of stores, by what their last check found: fine or damaged."
        ),
        "storeweaver_repository_check_age_seconds": .init(
            kind: .gauge,
            help: "Age of the oldest last check of a repository; of one that was never checked, since its store was first ready."
        ),
        "storeweaver_test_restores": .init(
            kind: .gauge,
            help: "Stores of which a backup was restored as a test, by how the last one ended: done or failed."
        ),
        "storeweaver_backup_verified_age_seconds": .init(
            kind: .gauge,
            help:
                "Of the store whose backups were not restored as a test for the longest time, since when, by engine. Absent where none are."
        ),
        "storeweaver_rollouts": .init(kind: .gauge, help: "Rollouts that are not over, by engine and state."),
        "storeweaver_rollout_stores": .init(kind: .gauge, help: "Stores of rollouts that are not over, by engine and state."),
        "storeweaver_domains": .init(kind: .gauge, help: "Own domains of stores, by state: pending, verified, active or failing."),
        "storeweaver_domain_certificate_seconds_left": .init(
            kind: .gauge,
            help: "Until the first certificate ends of those that active domains have; absent where none has one."
        ),
        "storeweaver_domain_checks_total": .init(kind: .counter, help: "Looks at own domains, by the state after them."),
        "storeweaver_orphans": .init(kind: .gauge, help: "What has no counterpart in the records or the cluster, by kind."),
    ])
}
