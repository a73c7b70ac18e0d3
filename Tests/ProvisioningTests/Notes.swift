import Provisioning
import StoreDomain
import Synchronization

/// A lease that a test takes away when it likes.
final class TestLease: Lease {
    let fence = Fence(number: 7, attemptID: "0123456789abcdef0123456789abcdef")
    private let lost = Mutex(false)

    func lose() { lost.withLock { $0 = true } }

    func confirm() throws(LeaseLost) {
        if lost.withLock({ $0 }) { throw LeaseLost(reason: "the test took it") }
    }

    func renewals() -> AsyncStream<UInt64> {
        let (times, time) = AsyncStream.makeStream(of: UInt64.self)
        let feeding = Task {
            while !lost.withLock({ $0 }), !Task.isCancelled {
                time.yield(.max)
                do { try await Task.sleep(for: .milliseconds(100)) } catch { break }
            }
            time.finish()
        }
        time.onTermination = { _ in feeding.cancel() }
        return times
    }
}

/// Keeps what an attempt tells, and lets a test act in the middle of it.
final class Notes: ProvisioningJournal {
    /// In order: the names of steps, and the words of events.
    private let lines = Mutex<[String]>([])
    private let lastRelease = Mutex<ReleaseRecord?>(nil)
    private let lastResolution = Mutex<(spec: StoreSpec, values: String)?>(nil)
    private let lastCause = Mutex<String?>(nil)
    private let lastAdministrator = Mutex<(user: String, password: String, signIn: String?)?>(nil)
    private let certificates = Mutex<[String: KeptCertificate]>([:])
    private let onLine: @Sendable (String) async throws -> Void

    init(onLine: @Sendable @escaping (String) async throws -> Void = { _ in }) { self.onLine = onLine }

    var all: [String] { lines.withLock { $0 } }
    var release: ReleaseRecord? { lastRelease.withLock { $0 } }
    var administrator: (user: String, password: String, signIn: String?)? { lastAdministrator.withLock { $0 } }
    var resolution: (spec: StoreSpec, values: String)? { lastResolution.withLock { $0 } }
    var cause: String? { lastCause.withLock { $0 } }

    func completed(_ step: ProvisioningStep) async throws { try await note(step.rawValue) }
    func failed(_ step: ProvisioningStep, error: String) async throws { try await note("\(step.rawValue) failed: \(error)") }
    func say(_ text: String, kind: StoreEvent.Kind, stage: BuildStage?, source: BuildSource) async throws { try await note(text) }
    func release(_ release: ReleaseRecord) async throws { lastRelease.withLock { $0 = release } }
    func administrator(user: String, password: SecretText, signIn: SecretText?) async throws {
        lastAdministrator.withLock { $0 = (user, password.value, signIn?.value) }
    }
    func goesBack(to spec: StoreSpec, after message: String) async throws { try await note("goes back: \(message)") }
    func resolved(_ spec: StoreSpec, values: String) async throws { lastResolution.withLock { $0 = (spec, values) } }
    func keep(_ certificate: KeptCertificate) async throws { certificates.withLock { $0[certificate.host] = certificate } }
    func certificate(of host: String) async throws -> KeptCertificate? { certificates.withLock { $0[host] } }
    func diagnosed(cause: String, evidence: String) async throws { lastCause.withLock { $0 = cause } }

    private func note(_ line: String) async throws {
        lines.withLock { $0.append(line) }
        try await onLine(line)
    }
}
