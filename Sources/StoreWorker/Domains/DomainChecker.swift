import AsyncHTTPClient
package import Cluster
import CoreMetrics
import Foundation
package import JobDispatch
package import Logging
import NIOSSL
import Provisioning
import ServiceLifecycle
import StoreDomain
package import StoreRecords

/// Looks at own domains when they are due: whether they are proved, lead here, and how long their certificates last. One worker at a time does it.
package struct DomainChecker: Service {
    private let records: StoreRecords
    private let jobs: JobEnqueuer
    private let kubernetes: KubernetesClient
    private let settings: DomainSettings
    private let resolver: NameResolver
    private let worker: String
    private let turns: Turns
    private let logger: Logger

    package init(
        records: StoreRecords,
        jobs: JobEnqueuer,
        kubernetes: KubernetesClient,
        settings: DomainSettings,
        worker: String,
        interval: Duration = .seconds(2),
        logger: Logger
    ) {
        self.records = records
        self.jobs = jobs
        self.kubernetes = kubernetes
        self.settings = settings
        resolver = NameResolver(servers: settings.servers)
        self.worker = worker
        turns = Turns(.domains, records: records, worker: worker, every: interval, holding: 60, logger: logger)
        self.logger = logger
    }

    package func run() async throws {
        let client = DomainReach.client()
        await turns.take(failure: "Domains could not be looked at") { try await check(client) }
        try await client.shutdown()
    }

    /// All that are due, a few at a time.
    private func check(_ client: HTTPClient, atOnce: Int = 8) async throws {
        let reach = DomainReach(resolver: resolver, client: client, settings: settings)
        let due = try await records.dueDomains(limit: atOnce)
        try await withThrowingTaskGroup { group in
            for one in due { group.addTask { try await check(one, reach) } }
            try await group.waitForAll()
        }
        for job in try await records.serveDomainsAgain() { await jobs.enqueue(job) }
        for stranded in try await records.strandedHosts() {
            // One that cannot be reached keeps no other.
            do { try await withdraw(stranded) } catch let error where !(error is CancellationError) {
                let context: Logger.Metadata = ["host": "\(stranded.host)", "store": "\(stranded.store)", "error": "\(error)"]
                logger.warning("A host could not be taken from a store", metadata: context)
            }
        }
    }

    /// Removes the Ingress of a host that a store lost while it cannot be changed, so that whoever has the host now can be served there.
    private func withdraw(_ stranded: StrandedHost) async throws {
        let (start, namespace) = (BootClock.now, stranded.namespace.rawValue)
        guard let fence = try await records.hold(stranded, by: worker, for: LeaseTimes().lease) else { return }
        let lease = HeldLease(fence: fence, claimedAt: start, validFor: LeaseTimes().term)
        let result: Result<Bool, any Error>
        do {
            let path = "/apis/networking.k8s.io/v1/namespaces/\(namespace)/ingresses/\(stranded.host.objectName)"
            // In a namespace that is not there a worker has no rights.
            if try await kubernetes.get("/api/v1/namespaces/\(namespace)") != nil, let uid = try await kubernetes.get(path)?.uid {
                try await kubernetes.delete(path, uid: uid, under: lease)
            }
            result = .success(try await records.withdraw(stranded, under: fence))
        } catch {
            result = .failure(error)
        }
        try await records.release(namespace, fence)
        if try result.get() {
            logger.info("A host was taken from a store", metadata: ["host": "\(stranded.host)", "store": "\(stranded.store)"])
        }
    }

    private func check(_ due: DueDomain, _ reach: DomainReach) async throws {
        let sight = await look(due, reach)
        let (state, accepted) = try await records.note(due.domain, sight, ordersPerHour: settings.ordersPerHour)
        for job in accepted { await jobs.enqueue(job) }
        Counter(label: "storeweaver_domain_checks_total", dimensions: [("state", state?.rawValue ?? "gone")]).increment()
        if let state, state != due.domain.state {
            logger.info(
                "A domain changed",
                metadata: ["host": "\(due.domain.host)", "store": "\(due.domain.store)", "state": "\(state.rawValue)"]
            )
        }
    }

    private func look(_ due: DueDomain, _ reach: DomainReach) async -> DomainSight {
        let domain = due.domain
        var sight = DomainSight()
        if domain.state == .pending {
            switch await resolver.texts(of: domain.recordName) {
            case .found(let texts) where texts.contains(domain.token.proof): sight.isProved = true
            case .found:
                sight.isProved = false
                sight.problem = "The TXT record of \(domain.recordName) says something else."
            case .none:
                sight.isProved = false
                sight.problem = "The TXT record of \(domain.recordName) is not in the DNS yet."
            case .unknown: sight.problem = "The DNS did not answer for \(domain.recordName)."
            }
            guard sight.isProved == true else { return sight }
        }
        switch await reach.look(domain, servedBy: domain.state == .active ? due.engine : nil) {
        case .here: sight.isReached = true
        case .elsewhere(let why): (sight.isReached, sight.problem) = (false, why)
        case .unknown(let why): sight.problem = why
        }
        if domain.state == .active, settings.ordersPerHour != nil {
            sight.certificateUntil = await certificateEnd(of: due)
            if sight.problem == nil, sight.certificateUntil == nil { sight.problem = "The certificate is not issued yet." }
        }
        return sight
    }

    /// When the certificate ends that visitors get; `nil`: there is none, or it cannot be read.
    private func certificateEnd(of due: DueDomain) async -> Date? {
        let path = "/api/v1/namespaces/\(due.namespace)/secrets/\(due.domain.host.objectName)"
        return (try? await kubernetes.get(path)?["data"]["tls.crt"].decodedText).flatMap(Self.end)
    }

    /// Of the first certificate of a chain in PEM, which is the host's own; `nil` for anything else.
    static func end(ofChain text: String) -> Date? {
        guard let certificate = try? NIOSSLCertificate.fromPEMBytes(Array(text.utf8)).first else { return nil }
        return Date(timeIntervalSince1970: TimeInterval(certificate.notValidAfter))
    }
}
