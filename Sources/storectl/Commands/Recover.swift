import ArgumentParser
import Foundation
import JobDispatch
import Provisioning
import StoreDomain
import StoreRecords

/// What was lost with a cluster, and is brought back from backups.
struct Recover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring back what was lost with a cluster.",
        subcommands: [Stores.self]
    )

    struct Stores: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the stores whose namespace is gone, and bring them back from their newest backups.",
            discussion: """
                Without --yes nothing is changed. With it each store that has a backup gets a job in the background that makes it again and fills \
                it; one that slept sleeps afterwards. It may be run again at any time: what is queued already stays as it is. Stores without a \
                backup are only listed: storectl stores recreate makes one anew, empty. It ends with 3 when there is a store that cannot be brought back.
                """
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Flag(help: "Do it.") var yes = false

        func run() async throws {
            let actor = try order.actor()
            try await Session.run { session in
                try await session.requireKeepers()
                var rows: [LostStore] = []
                for lost in try await session.lostStores() {
                    rows.append(LostStore(lost, yes ? .init(try await session.operations.recover(lost.store.id, by: actor)) : .init(lost)))
                }
                Table.lostStores.show(rows, json: output.json, nothing: "No store has lost its namespace.")
                if !yes, !output.json, !rows.isEmpty { print("Nothing was changed. --yes brings back what can be.") }
                if rows.contains(where: { $0.fate == .noBackup }) { throw Outcome.findings }
            }
        }
    }
}

extension Session {
    /// Stores without a namespace in the cluster. The records are read before and after it is asked, so that one which is just made or deleted is not
    /// taken for lost.
    fileprivate func lostStores() async throws -> [RecoverableStore] {
        let before = try await records.expectedNamespaces().living
        let present = try await ClusterAccess.run(settings) { Set(try await $0.ownNamespaces().map(\.name)) }
        return try await records.recoverableStores().filter {
            let namespace = $0.store.namespace.rawValue
            return before.contains(namespace) && !present.contains(namespace)
        }
    }
}

/// A store without a namespace, and what is to become of it or has.
struct LostStore {
    enum Fate: Equatable {
        /// It would be brought back.
        case waiting
        case queued(JobID)
        case restoring, busy, new, deleting, noBackup, gone

        /// Before anything is done.
        init(_ lost: RecoverableStore) {
            self =
                switch lost {
                case _ where !lost.everReady: .new
                case _ where lost.store.status == .deleting: .deleting
                case _ where lost.backup == nil: .noBackup
                default: .waiting
                }
        }

        init(_ outcome: RecoverOutcome) {
            self =
                switch outcome {
                case .accepted(_, _, let descriptor): .queued(descriptor.id)
                case .restoring: .restoring
                case .busy: .busy
                case .new: .new
                case .deleting: .deleting
                case .noBackup: .noBackup
                case .notFound: .gone
                }
        }

        var words: String {
            switch self {
            case .waiting: "to be restored"
            case .queued(let job): "queued as job \(job)"
            case .restoring: "being restored already"
            case .busy: "another job runs; run this again"
            case .new: "never ready: its own job makes it"
            case .deleting: "being deleted: storectl stores retry goes on"
            case .noBackup: "no backup: storectl stores recreate makes it anew, empty"
            case .gone: "deleted meanwhile"
            }
        }
    }

    let store: Store
    let backup: Backup?
    let fate: Fate

    init(_ lost: RecoverableStore, _ fate: Fate) {
        store = lost.store
        backup = lost.backup
        self.fate = fate
    }
}

extension Table<LostStore> {
    static var lostStores: Self {
        Table(columns: [
            .init("id", "STORE") { .text($0.store.id.rawValue) }, .init("name", "NAME") { .text($0.store.name.rawValue) },
            .init("engine", "ENGINE") { .text($0.store.engine.rawValue) },
            .init("namespace", "NAMESPACE") { .text($0.store.namespace.rawValue) },
            .init("asleep", "ASLEEP") { .flag($0.store.spec.isAsleep) },
            .init("backup", "BACKUP") { Value($0.backup?.id.rawValue) },
            .init("backupAt", "TAKEN") { Value($0.backup?.createdAt) },
            .init("ageSeconds") { Value($0.backup.map { Int(-$0.createdAt.timeIntervalSinceNow) }) },
            .init("orders", "ORDERS") { Value($0.backup?.contents?.orders) },
            .init("outcome", "OUTCOME") { .text($0.fate.words) },
        ])
    }
}
