import CoreMetrics
import Foundation
import JobDispatch
import ServiceLifecycle
import StoreDomain

/// Tells how old the newest backup of the platform's own database is.
package struct PlatformBackupReporter: Service {
    private let vault: VaultClient
    private let interval: Duration

    package init(vault: VaultClient, interval: Duration = .seconds(300)) {
        self.vault = vault
        self.interval = interval
    }

    package func run() async throws {
        // A vault that does not answer must not keep the program from its end.
        await cancelWhenGracefulShutdown {
            // As long as nothing is known, it is as old as this process.
            var newest = Date()
            var known: [String: Date] = [:]
            while !Task.isCancelled {
                if let found = try? await vault.newestSnapshot(of: .platform, known: &known) { newest = found }
                Gauge(label: "storeweaver_platform_backup_age_seconds").record(max(0, -newest.timeIntervalSinceNow))
                do { try await Task.sleep(for: interval) } catch { return }
            }
        }
    }
}
