import Cluster
import ClusterSimulator
import Foundation
import StoreDomain
import Synchronization
import TestSupport
import Testing

@testable import Provisioning

/// A store that serves, in a cluster whose worker keeps backups.
struct StoreWithBackups {
    let cluster: TestCluster
    let shelf: Shelf
    var store: Store
    var applied: AppliedSpec

    /// The outcome of a job on the store.
    func run(
        _ work: DataWork,
        everReady: Bool = true,
        isChange: Bool = false,
        isLastTry: Bool = false,
        desired: DesiredState? = nil,
        known: KnownValues? = nil,
        notes: Notes = Notes()
    ) async throws -> AttemptOutcome {
        try await cluster.provisioner.run(
            store,
            desired: desired ?? store.spec.desiredState,
            everReady: everReady,
            isChange: isChange,
            known: known ?? KnownValues(applied: applied),
            data: DataJob(work, of: JobID(7)!, journal: shelf, isLastTry: isLastTry),
            lease: cluster.lease,
            journal: notes
        )
    }

    func place(_ count: Int) async throws {
        for _ in 0..<count { try await order() }
    }

    private func order() async throws {
        let service = "/api/v1/namespaces/\(store.namespace)/services/wordpress:http/proxy/wp-json/wc/store/v1/"
        func ask(_ path: String, _ token: String? = nil, _ body: JSON? = nil) async throws -> (
            status: Int, headers: [String: String], body: String
        ) {
            try await cluster.kubernetes.visit(
                service + path,
                headers: token.map { ["Cart-Token": $0] } ?? [:],
                body: body,
                limit: 100_000
            )
        }
        let token = try #require(try await ask("cart").headers["cart-token"])
        _ = try await ask("cart/add-item", token, ["id": .integer(1), "quantity": .integer(1)])
        let address: JSON = ["country": "US", "email": "a@example.com"]
        _ = try await ask("cart/update-customer", token, ["shipping_address": address])
        _ = try await ask("cart/select-shipping-rate", token, ["package_id": .integer(0), "rate_id": "free_shipping:1"])
        let placed = try await ask("checkout", token, ["billing_address": address, "payment_method": "cod"])
        #expect(placed.status == 200, "\(placed.body)")
    }

    /// Removes an object by another hand, and waits until it is gone.
    func remove(_ path: String) async throws {
        let uid = try #require(try await cluster.kubernetes.get(path)?.uid)
        try await cluster.kubernetes.delete(path, uid: uid, under: cluster.lease)
        while try await cluster.kubernetes.get(path) != nil { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// How many orders the store has, as another backup counts them.
    func orders() async throws -> Int {
        let other = Shelf(of: store.id)
        other.passwords.withLock { $0 = shelf.passwords.withLock { $0 } }
        let outcome = try await cluster.provisioner.run(
            store,
            desired: .running,
            everReady: true,
            known: KnownValues(applied: applied),
            data: DataJob(.backUp(.manual), of: JobID(8)!, journal: other, isLastTry: true),
            lease: cluster.lease,
            journal: Notes()
        )
        guard case .ready = outcome else { throw TestSupportError(message: "\(outcome)") }
        shelf.passwords.withLock { $0 = other.passwords.withLock { $0 } }
        return try #require(other.all.first?.contents?.orders)
    }

    /// Objects of tasks that are still there.
    func leftovers() async throws -> [String] {
        let paths = [
            "/apis/batch/v1/namespaces/NS/jobs", "/api/v1/namespaces/NS/secrets",
            "/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies",
        ]
        var names: [String] = []
        for path in paths {
            names += try await cluster.kubernetes.list(path.replacing("NS", with: store.namespace.rawValue)).map(\.name)
        }
        return names.filter { $0.hasPrefix("keeper") }
    }

    static func with(_ body: @Sendable @escaping (Self) async throws -> Void) async throws {
        try await TestCluster.with { plain in
            let cluster = plain.with { settings in
                settings.keeper = KeeperSettings(
                    vault: VaultAddress("http://store-vault.store-weaver.svc:8080")!,
                    image: "storeplatform/store-keeper:1.0.0",
                    timeLimit: .seconds(30),
                    startLimit: .seconds(10)
                ) { store, right in SecretText(value: "token-\(store)-\(right)") }
            }
            let notes = Notes()
            guard case .ready = try await cluster.run(.running, notes), let found = notes.resolution else {
                throw TestSupportError(message: "the store is not ready")
            }
            var store = cluster.store
            store.status = .ready
            store.spec = found.spec
            let applied = AppliedSpec(name: store.name, spec: found.spec, values: found.values)
            try await body(Self(cluster: cluster, shelf: Shelf(of: store.id), store: store, applied: applied))
        }
    }
}

/// What an attempt writes of its backups.
final class Shelf: BackupJournal {
    private let backups = Mutex<[Backup]>([])
    private let replacements = Mutex(0)
    private let old = Mutex<[Backup]>([])
    private let passed = Mutex<[String]>([])
    private let unrestorable = Mutex<[String]>([])
    private let found = Mutex<[String?]>([])
    private let due = Mutex(false)
    let passwords = Mutex<[StoreID: SecretText]>([:])

    var all: [Backup] { backups.withLock { $0 } }
    /// Which a restore went through.
    var phases: [String] { passed.withLock { $0 } }
    /// What was found to be the backup's own fault.
    var faults: [String] { unrestorable.withLock { $0 } }
    /// How often data began to be replaced.
    var replaced: Int { replacements.withLock { $0 } }
    /// What checks of the repository found; `nil`: nothing wrong.
    var checks: [String?] { found.withLock { $0 } }
    /// Whether it is time for one.
    var isDue: Bool {
        get { due.withLock { $0 } }
        set { due.withLock { $0 = newValue } }
    }

    /// What is begun from now on is another night's.
    func endNight() { backups.withLock { all in all.removeAll { $0.kind == .nightly } } }

    func expire(_ backup: Backup) { old.withLock { $0 = [backup] } }

    func begin(_ kind: BackupKind) async throws -> Backup {
        backups.withLock { all in
            if let known = all.last(where: { $0.kind == kind && $0.status != .failed }) { return known }
            let backup = Backup(id: .random(), store: owner, kind: kind, status: .running, createdAt: Date())
            all.append(backup)
            return backup
        }
    }

    /// Whose repository all are in.
    private let owner: StoreID

    init(of store: StoreID) { owner = store }

    func end(_ backup: BackupID, _ result: Result<BackupContents, BackupFailure>) async throws {
        backups.withLock { all in
            guard let place = all.firstIndex(where: { $0.id == backup }) else { return }
            switch result {
            case .success(let contents): (all[place].status, all[place].contents) = (.done, contents)
            case .failure(let failure): (all[place].status, all[place].failure) = (.failed, failure)
            }
        }
    }

    private let files = Mutex<[ArchiveID: Result<ArchiveContents, BackupFailure>]>([:])
    var exports: [ArchiveID: Result<ArchiveContents, BackupFailure>] { files.withLock { $0 } }

    func end(_ export: ArchiveID, _ result: Result<ArchiveContents, BackupFailure>) async throws { files.withLock { $0[export] = result } }
    func isMade(_ export: ArchiveID) async throws -> Bool { if case .success? = exports[export] { true } else { false } }

    func taken(_ kind: BackupKind) async throws -> Backup? { all.last { $0.kind == kind && $0.status == .done } }

    func replaces() async throws {
        replacements.withLock { $0 += 1 }
        passed.withLock { $0.append("restoring") }
    }

    func isUnrestorable(_ reason: String) async throws { unrestorable.withLock { $0.append(reason) } }

    func opens() async throws { passed.withLock { $0.append("opening") } }

    func isBack() async throws { passed.withLock { $0.append("back") } }

    func upgrades(from backup: BackupID) async throws { passed.withLock { $0.append("upgrading") } }

    func closes() async throws { passed.withLock { $0.append("closing") } }

    func reopened() async throws { passed.withLock { $0.append("open") } }

    func password(of store: StoreID) async throws -> SecretText {
        passwords.withLock { known in
            if let password = known[store] { return password }
            let password = SecretText.random()
            known[store] = password
            return password
        }
    }

    func upkeep() async throws -> RepositoryUpkeep? {
        guard isDue else { return nil }
        let expired = old.withLock { $0.map(\.id) }
        return RepositoryUpkeep(keeping: all.map(\.id).filter { !expired.contains($0) }, forgetting: Set(expired), week: 0)
    }

    func keptUp(damage: String?) async throws { found.withLock { $0.append(damage) } }
}
