import Cluster
import ClusterSimulator
import Observation
import StoreDomain
import TestSupport
import Testing

@testable import Provisioning

/// Whole attempts against the simulated cluster, by the real Helm.
@Suite(.serialized, .timeLimit(.minutes(20))) struct ProvisionerTests {
    @Test("a store becomes ready, once more is harmless, and deleted it is gone") func life() async throws {
        try await TestCluster.with { cluster in
            let notes = Notes()
            let outcome = try await cluster.run(.running, notes)
            guard case .ready(let url, _, _) = outcome else {
                Issue.record("\(outcome): \(notes.all)")
                return
            }
            #expect(url == cluster.provisioner.settings.addressing.url(for: cluster.store.namespace))
            let steps = notes.all.filter { ProvisioningStep(rawValue: $0) != nil }
            #expect(Set(steps) == Set(ProvisioningStep.allCases.map(\.rawValue)))
            #expect(notes.release?.manifest?.contains("kind: Deployment") == true)
            #expect(notes.release?.secrets.map(\.name).contains("mysql-secret") == true)
            // Helm's own words are among them.
            #expect(notes.all.contains { $0.contains("STATUS: deployed") })

            let installed = try await cluster.changes().count
            #expect(try await cluster.run(.running) == outcome)
            #expect(try await cluster.changes().count == installed)

            #expect(try await cluster.run(.gone) == .gone)
            #expect(try await cluster.kubernetes.get(cluster.namespacePath) == nil)
            #expect(try await cluster.run(.gone) == .gone)
        }
    }

    @Test("a store whose pods are well is not ready before its catalogue is served, and its error says why") func catalogue() async throws {
        try await TestCluster.with(limit: .seconds(8)) { cluster in
            await cluster.simulator.setFaults([Fault(.brokenStorefront, status: 502)], on: cluster.store.namespace.rawValue)
            let notes = Notes()
            let outcome = try await cluster.run(.running, notes)
            guard case .failed(let message, permanent: true) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(message.contains("The store runs, but its catalogue answers with status 502: the simulated store is broken."))
            #expect(notes.all.contains(ProvisioningStep.appDeployed.rawValue))
            #expect(!notes.all.contains(ProvisioningStep.ingressReady.rawValue))

            await cluster.simulator.setFaults([], on: cluster.store.namespace.rawValue)
            #expect(try await cluster.run(.running).isReady)
        }
    }

    @Test("a store whose catalogue is served but whose checkout fails is not ready, and its error says at which step") func checkout()
        async throws
    {
        try await TestCluster.with(limit: .seconds(8)) { cluster in
            let name = cluster.store.namespace.rawValue
            await cluster.simulator.setFaults([Fault(.brokenCheckout, message: "no such table")], on: name)
            let notes = Notes()
            guard case .failed(let message, permanent: true) = try await cluster.run(.running, notes) else {
                Issue.record("it counts as ready: \(notes.all)")
                return
            }
            let words = "The store runs, but it takes no orders: the checkout answers with status 500: no such table."
            #expect(message.contains(words), "\(message)")
            #expect(notes.cause == "store-unserved")
            #expect(!notes.all.contains(ProvisioningStep.ingressReady.rawValue))

            await cluster.simulator.setFaults([], on: name)
            #expect(try await cluster.run(.running).isReady)
        }
    }

    @Test("a new store whose checkout drafts orders that cannot be placed is not ready either; an owner's is not tried that far")
    func testOrder()
        async throws
    {
        try await TestCluster.with(limit: .seconds(8)) { cluster in
            let faults = [Fault(.brokenOrder, message: "ftp_nlist(): Argument #1 must be of type FTP")]
            await cluster.simulator.setFaults(faults, on: cluster.store.namespace.rawValue)
            guard case .failed(let message, permanent: true) = try await cluster.run(.running) else {
                Issue.record("it counts as ready")
                return
            }
            #expect(message.contains("it takes no orders: a test order answers with status 500"), "\(message)")
            #expect(message.contains("ftp_nlist()"), "\(message)")
            #expect(try await cluster.run(.running, everReady: true).isReady)
        }
    }

    @Test("the word by which a store knows the platform is what PHP's hash_hmac makes") func checkWord() {
        // php -r 'echo hash_hmac("sha256", "store-check", "salt");'
        #expect(Storefront.checkWord("salt") == "1134599e28f8aeb981ce7cdced1b4dd94a624d1101111ac0339472afb454b05d")
    }

    @Test("an owner may refuse guests; a server's error is no owner's wish", arguments: [(403, true), (500, false)])
    func ownersRules(status: Int, isReady: Bool) async throws {
        try await TestCluster.with(limit: .seconds(6)) { cluster in
            #expect(try await cluster.run(.running).isReady)
            await cluster.simulator.setFaults([Fault(.brokenCheckout, status: status)], on: cluster.store.namespace.rawValue)
            let outcome = try await cluster.run(.running, everReady: true)
            #expect(outcome.isReady == isReady, "\(outcome)")
        }
    }

    @Test("a set-up that was cut short and taken for done is run again by itself") func interruptedSetup() async throws {
        try await TestCluster.with { cluster in
            await cluster.simulator.setFaults([Fault(.interruptedSetup, count: 1)], on: cluster.store.namespace.rawValue)
            let notes = Notes()
            let outcome = try await cluster.run(.running, notes)
            #expect(outcome.isReady, "\(outcome): \(notes.all)")
            #expect(try await cluster.replacedPods() == 1)
            #expect(notes.all.contains { $0.contains("its app is started anew") })
        }
    }

    @Test("an attempt starts the app anew once, however long the store serves nothing", arguments: [false, true])
    func restartsOnce(isRetry: Bool) async throws {
        try await TestCluster.with(limit: .seconds(10)) { cluster in
            await cluster.simulator.setFaults([Fault(.brokenStorefront)], on: cluster.store.namespace.rawValue)
            let outcome = try await cluster.run(.running, isRetry: isRetry)
            #expect(!outcome.isReady)
            #expect(try await cluster.replacedPods() == 1)
        }
    }

    @Test("what an attempt creates names the store and the attempt") func marks() async throws {
        try await TestCluster.with { cluster in
            _ = try await cluster.run(.running)
            let fence = cluster.lease.fence.description
            let paths = ["", "/secrets/mysql-secret", "/secrets/wordpress-secret"]
            for path in paths {
                let object = try #require(try await cluster.kubernetes.get(cluster.namespacePath + path))
                #expect(object.belongs(to: cluster.store))
                #expect(object.annotation(StoreLabels.attempt) == fence)
            }
            let releases = try await cluster.kubernetes.list(cluster.namespacePath + "/secrets?labelSelector=owner%3Dhelm")
            let mark = fence.replacing("/", with: ".")
            #expect(releases.map { $0.label(StoreLabels.attempt) } == [mark])

            #expect(try await cluster.run(.gone) == .gone)
            let changes = try await cluster.changingRequests().filter { $0["userAgent"].string?.hasPrefix("store-worker") == true }
            #expect(Set(changes.map { $0["userAgent"].string }) == ["store-worker/" + mark])
            #expect(Set(changes.map { $0["method"].string }) == ["POST", "DELETE"])
            #expect(changes.allSatisfy { ($0["method"].string == "DELETE") == ($0["uid"].string != nil) })
        }
    }

    @Test("a namespace that somebody else has is left alone, wanted or not") func foreignNamespace() async throws {
        try await TestCluster.with { cluster in
            let other = try await cluster.create("/api/v1/namespaces", "Namespace", cluster.store.namespace.rawValue)
            let before = try await cluster.changes()
            let outcome = try await cluster.run(.running)
            guard case .relocate = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(try await cluster.run(.gone) == .gone)
            #expect(try await cluster.changes() == before)
            #expect(try await cluster.kubernetes.get(cluster.namespacePath)?.uid == other.uid)
        }
    }

    @Test("a Secret that was not made for this store is not taken over") func foreignSecret() async throws {
        try await TestCluster.with { cluster in
            let labels = StoreSecrets.labels(of: cluster.store)
            _ = try await cluster.create("/api/v1/namespaces", "Namespace", cluster.store.namespace.rawValue, labels: labels)
            for name in StoreSecrets.names(of: cluster.store) {
                _ = try await cluster.create(cluster.namespacePath + "/secrets", "Secret", name)
            }
            let outcome = try await cluster.run(.running)
            guard case .failed(let message, permanent: true) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(message.contains("mysql-secret"))
        }
    }

    @Test("what is forbidden fails for good") func forbidden() async throws {
        try await TestCluster.with { cluster in
            await cluster.simulator.setFaults([Fault(.apiErrors, status: 403)], on: cluster.store.namespace.rawValue)
            let outcome = try await cluster.run(.running)
            guard case .failed(_, permanent: true) = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    @Test("errors of the API that heal are borne within one attempt") func healing() async throws {
        try await TestCluster.with { cluster in
            let faults = [Fault(.apiErrors, count: 6, status: 503)]
            await cluster.simulator.setFaults(faults, on: cluster.store.namespace.rawValue)
            let outcome = try await cluster.run(.running)
            #expect(outcome.isReady, "\(outcome)")
        }
    }

    @Test("errors of the API that last fail the attempt for now, once its time is over") func lasting() async throws {
        try await TestCluster.with(limit: .seconds(2)) { cluster in
            await cluster.simulator.setFaults([Fault(.apiErrors, status: 503)], on: cluster.store.namespace.rawValue)
            let outcome = try await cluster.run(.running)
            guard case .failed(_, permanent: false) = outcome else {
                Issue.record("\(outcome)")
                return
            }
        }
    }

    @Test(
        "once the lease is lost nothing is changed any more",
        arguments: ["Namespace", "namespaceCreated", "Secrets generated", "Installing the chart"]
    )
    func lost(at moment: String) async throws {
        try await TestCluster.with { cluster in
            let moment = ProvisioningStep.allCases.first { "\($0)" == moment }?.rawValue ?? moment
            let notes = Notes { line in if line.hasPrefix(moment) { cluster.lease.lose() } }
            await #expect(throws: LeaseLost.self) { try await cluster.run(.running, notes) }
            let changes = try await cluster.changes()
            // Each moment lies after the namespace and before Helm.
            #expect(changes.first == "POST /api/v1/namespaces")
            #expect(!changes.contains { $0.contains("/apis/apps/") || $0.contains("sh.helm.release") })
            let secrets = changes.filter { $0.hasSuffix("/secrets") }.count
            #expect(secrets == (moment == "Secrets generated" || moment == "Installing the chart" ? 2 : 0))
        }
    }

    @Test("an attempt that was frozen while its namespace was made anew leaves the new one alone") func thawed() async throws {
        try await TestCluster.with { cluster in
            let labels = StoreSecrets.labels(of: cluster.store)
            let name = cluster.store.namespace.rawValue
            let old = try #require(try await cluster.create("/api/v1/namespaces", "Namespace", name, labels: labels).uid)
            let frozen = StoreAttempt(
                store: cluster.store,
                provisioner: cluster.provisioner,
                lease: cluster.lease,
                journal: Notes(),
                isRetry: false,
                takesOver: false,
                known: KnownValues(),
                memory: AttemptMemory(everReady: false)
            )
            // It has seen the old one. Even with a lease that would still confirm, it can do the new one no harm.
            #expect(try await cluster.run(.gone) == .gone)
            let new = try #require(try await cluster.create("/api/v1/namespaces", "Namespace", name, labels: labels).uid)
            #expect(new != old)
            try await frozen.deleteNamespace(uid: old)
            try await frozen.toleratingConflict {
                try await cluster.kubernetes.delete(cluster.namespacePath, uid: old, under: cluster.lease)
            }
            let present = try #require(try await cluster.kubernetes.get(cluster.namespacePath))
            #expect(present.uid == new && !present.isTerminating)
        }
    }

    @Test("an attempt that was cancelled has nothing on its way to the cluster any more") func nothingIsOnItsWay() async throws {
        try await TestCluster.with { cluster in
            await cluster.simulator.setFaults([Fault(.latency, seconds: 0.6)], on: cluster.store.namespace.rawValue)
            let (moments, moment) = AsyncStream.makeStream(of: Void.self)
            let notes = Notes { line in if line == ProvisioningStep.namespaceCreated.rawValue { moment.yield() } }
            let attempt = Task { try await cluster.run(.running, notes) }
            for await _ in moments { break }
            // A Secret is next: sent now, it takes effect 0.6 s later.
            try await Task.sleep(for: .milliseconds(200))
            attempt.cancel()
            await #expect(throws: CancellationError.self) { try await attempt.value }
            let changes = try await cluster.changes()
            try await Task.sleep(for: .seconds(1))
            #expect(try await cluster.changes() == changes)
        }
    }

    @Test("a cancelled attempt is cancelled, not failed") func cancelled() async throws {
        try await TestCluster.with { cluster in
            await cluster.simulator.setFaults([Fault(.pending)], on: cluster.store.namespace.rawValue)
            let (moments, moment) = AsyncStream.makeStream(of: Void.self)
            let notes = Notes { line in if line == "Installing the chart" { moment.yield() } }
            let attempt = Task { try await cluster.run(.running, notes) }
            for await _ in moments { break }
            attempt.cancel()
            await #expect(throws: CancellationError.self) { try await attempt.value }
        }
    }

    @Test("a namespace that does not end fails its deletion with what keeps it") func clinging() async throws {
        try await TestCluster.with(limit: .seconds(12)) { cluster in
            #expect(try await cluster.run(.running).isReady)
            await cluster.simulator.setFaults([Fault(.stuckTerminating)], on: cluster.store.namespace.rawValue)
            let notes = Notes()
            guard case .failed(let message, permanent: false) = try await cluster.run(.gone, notes) else {
                Issue.record("it is not gone")
                return
            }
            #expect(message.contains("simulated.store-weaver.dev/stuck in 1 resource instances"), "\(message)")
            #expect(notes.cause == "namespace-terminating")
            // People are told before the time is over.
            #expect(notes.all.contains { $0.contains("is being deleted. Some resources are remaining") }, "\(notes.all)")
            await cluster.simulator.setFaults([], on: cluster.store.namespace.rawValue)
            guard case .gone = try await cluster.run(.gone) else {
                Issue.record("it is not gone")
                return
            }
        }
    }

    @Test("what is thrown away needs no graceful end: pods that would take their whole grace get a second") func endingAtOnce() async throws
    {
        try await TestCluster.with { cluster in
            #expect(try await cluster.run(.running).isReady)
            await cluster.simulator.setFaults([Fault(.ignoresStop)], on: cluster.store.namespace.rawValue)
            #expect(try await cluster.run(.gone) == .gone)
            let hurried = try await cluster.replacedPods()
            #expect(hurried >= 2)
        }
    }

    @Test("a store is not ready before its Ingress has an address, unless the installation does without", arguments: [true, false])
    func address(isNeeded: Bool) async throws {
        try await TestCluster.with(limit: .seconds(6)) { cluster in
            await cluster.simulator.setFaults([Fault(.noAddress)], on: cluster.store.namespace.rawValue)
            let notes = Notes()
            let outcome = try await cluster.with { $0.grace.needsAddress = isNeeded }.run(.running, notes)
            #expect(outcome.isReady == !isNeeded, "\(outcome)")
            guard case .failed(let message, permanent: true) = outcome else { return }
            #expect(message.contains("The Ingress wordpress-ingress has no address"), "\(message)")
            #expect(notes.cause == "ingress-unserved")
            #expect(
                notes.all.contains(ProvisioningStep.appDeployed.rawValue) && !notes.all.contains(ProvisioningStep.ingressReady.rawValue)
            )
        }
    }

    @Test("with TLS it is not ready before its certificate is there, and cert-manager's words are told", arguments: [true, false])
    func certificate(isIssued: Bool) async throws {
        try await TestCluster.with(limit: .seconds(8)) { cluster in
            await cluster.simulator.setFaults(isIssued ? [] : [Fault(.certificateRefused)], on: cluster.store.namespace.rawValue)
            let notes = Notes()
            let production = cluster.with {
                $0.charts = ChartCatalog(current: [.woocommerce: packageRoot + "/helm/store"], valuesFile: "values-prod.yaml")
                $0.addressing = StoreAddressing(scheme: .https, suffix: ".example.com")
            }
            let outcome = try await production.run(.running, notes)
            #expect(outcome.isReady == isIssued, "\(outcome)")
            guard case .failed(let message, permanent: true) = outcome else { return }
            #expect(message.contains("no Secret store-tls: The certificate request has failed"), "\(message)")
            #expect(notes.cause == "certificate")
        }
    }

    @Test("only a retry replaces pods that are stuck, and never those without a place") func stuck() async throws {
        try await TestCluster.with(limit: .seconds(8)) { cluster in
            let name = cluster.store.namespace.rawValue
            await cluster.simulator.setFaults([Fault(.pending)], on: name)
            _ = try await cluster.run(.running)
            _ = try await cluster.run(.running, isRetry: true)
            #expect(try await cluster.replacedPods() == 0)
            await cluster.simulator.setFaults([Fault(.imagePullFailure)], on: name)
            let outcome = try await cluster.run(.running)
            guard case .failed(let message, permanent: true) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(message.contains("cannot be pulled"))
            _ = try await cluster.run(.running)
            #expect(try await cluster.replacedPods() == 0)
            _ = try await cluster.run(.running, isRetry: true)
            #expect(try await cluster.replacedPods() > 0)
        }
    }
}

extension AttemptOutcome {
    var isReady: Bool { if case .ready = self { true } else { false } }
}
