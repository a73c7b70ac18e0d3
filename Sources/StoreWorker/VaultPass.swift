/// A service's pass over many things, for each of which it asks the vault. One that fails does not keep the others, unless the vault is away, for
/// which each would wait as long. It ends after `span`, before this worker's term does.
struct VaultPass {
    private let end: ContinuousClock.Instant
    private var failure: (any Error)?
    private var isAway = false

    init(within span: Duration = .seconds(240)) { end = .now + span }

    /// Whether there is time and a vault for one more.
    var goesOn: Bool { !isAway && ContinuousClock.now < end }

    /// False: it failed. Throws only when this task is cancelled.
    mutating func attempt(_ body: () async throws -> Void) async throws -> Bool {
        do {
            try await body()
            return true
        } catch {
            try Task.checkCancellation()
            failure = failure ?? error
            isAway = isAway || (error as? VaultClient.Failure)?.isAway == true
            return false
        }
    }

    /// Throws the first error that there was.
    func close() throws { if let failure { throw failure } }
}
