package import JobDispatch
package import Logging
import Provisioning
package import Sealing
package import ServiceLifecycle
package import StoreRecords

extension BackupSettings {
    /// What a worker does for backups beside its jobs.
    package func services(records: StoreRecords, jobs: JobEnqueuer, seal: CredentialSeal?, worker: String, logger: Logger) -> [any Service]
    {
        let vault = VaultClient(address: keeper.vault, keys: keys)
        var services: [any Service] = [
            BackupScheduler(records: records, jobs: jobs, worker: worker, window: window, logger: logger),
            BackupVerifier(records: records, jobs: jobs, worker: worker, every: verifyPeriod, logger: logger),
            BackupPurger(records: records, vault: vault, worker: worker, logger: logger),
            RepositoryMeter(records: records, vault: vault, worker: worker, logger: logger),
        ]
        if keepsPlatform { services.append(PlatformBackupReporter(vault: vault)) }
        if let escrow, let seal {
            services.append(
                EscrowKeeper(
                    records: records,
                    vault: vault,
                    seal: seal,
                    key: escrow,
                    platform: recoverySecrets,
                    worker: worker,
                    logger: logger
                )
            )
        }
        if let archiveKeys {
            let vault = VaultClient(address: keeper.vault, keys: archiveKeys)
            services.append(ArchivePurger(records: records, vault: vault, worker: worker, logger: logger))
        }
        return services
    }
}
