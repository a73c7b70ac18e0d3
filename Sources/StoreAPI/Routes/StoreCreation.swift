import CoreMetrics
import HTTPTypes
import Hummingbird
import JobDispatch
import StoreDomain
import StoreRecords
import ThreadedIO

/// How new stores are accepted, whatever they are made of.
struct StoreCreation: Sendable {
    let records: StoreRecords
    let jobs: JobEnqueuer
    /// Creates that come at the same time are one statement, which has the time that is left to the one that has waited longest.
    private let creates: CallBatcher<(store: NewStore, actor: Operator, asked: ContinuousClock.Instant), CreateOutcome>
    private let limits: StoreLimits

    init(records: StoreRecords, jobs: JobEnqueuer, limits: StoreLimits) {
        self.records = records
        self.jobs = jobs
        self.limits = limits
        creates = CallBatcher(atMost: 64, isOneCallersFault: { ($0 as? any DatabaseError)?.isRefusal == true }) { requests in
            try await records.asOneRequest(since: requests.map(\.asked).min() ?? .now) {
                try await records.create(requests.map { ($0.store, $0.actor) }, limits: limits)
            }
        }
    }

    /// The store; throws `APIError` where it is refused.
    func accept(_ request: NewStore, _ context: APIContext) async throws -> Store {
        let outcome = try await creates((request, context.operator, .now))
        if case .accepted(_, let descriptor) = outcome { await jobs.enqueue(descriptor) }
        return try store(outcome, slug: request.slug ?? StoreSlug(of: request.name.rawValue), context)
    }

    /// What was made, or was made before. Throws `APIError` where it was refused; `slug`: the one that was asked for.
    func store(_ outcome: CreateOutcome, slug: StoreSlug, _ context: APIContext) throws -> Store {
        switch outcome {
        case .accepted(let store, let descriptor):
            context.note(descriptor)
            return store
        case .repeated(let store): return store
        case .keyReused: throw APIError(.unprocessableContent, "This Idempotency-Key was used before with another body")
        case .slugTaken: throw APIError.slugTaken(slug)
        case .broughtBack: throw APIError(.conflict, "The store is being brought back already", code: "brought-back")
        case .noBackup: throw APIError.backupNotFound("backup")
        case .totalLimitReached(let limit):
            APIError.countRefusal("total")
            throw APIError(.tooManyRequests, "Maximum stores (\(limit)) reached", code: "total-store-limit")
        case .userLimitReached(let used, let limit):
            APIError.countRefusal("user")
            throw APIError(
                .tooManyRequests,
                "Store limit reached (\(used)/\(limit)). Delete a store to create another.",
                code: "store-limit"
            )
        case .unitLimitReached(let used, let limit): throw APIError.unitLimit(used, limit)
        }
    }

    /// Throws `APIError` where no worker keeps backups.
    func requireKeepers() async throws {
        guard try await records.keepsBackups() else {
            throw APIError(.notImplemented, "This installation keeps no backups.", code: "no-backups")
        }
    }

    func idempotencyKey(_ request: Request, digest: @autoclosure () -> String) throws -> IdempotencyKey? {
        guard let text = request.headers[.idempotencyKey] else { return nil }
        guard let key = IdempotencyKey(key: text, bodyDigest: digest()) else {
            throw APIError.wrong("Idempotency-Key", "The Idempotency-Key must have 1 to 255 visible ASCII characters")
        }
        return key
    }
}

extension APIError {
    static func slugTaken(_ slug: StoreSlug) -> APIError {
        APIError(.conflict, "The address \(slug) is taken: choose another", code: "slug-taken", field: "slug")
    }

    static func backupNotFound(_ field: String) -> APIError {
        APIError(.badRequest, "There is no such backup of a store of this owner and engine", code: "backup-not-found", field: field)
    }

    static func backupNotDone(_ field: String) -> APIError {
        APIError(.conflict, "The backup is not done: wait for it, or choose another", code: "backup-not-done", field: field)
    }

    /// Counts the refusal, too.
    static func unitLimit(_ used: Int, _ limit: Int) -> APIError {
        countRefusal("units")
        return APIError(
            .tooManyRequests,
            "The plan is more than is left (\(used)/\(limit) units). Choose a smaller one, or delete a store or let one sleep.",
            code: "unit-limit",
            field: "plan"
        )
    }

    static func countRefusal(_ quota: String) {
        Counter(label: "storeweaver_quota_refusals_total", dimensions: [("quota", quota)]).increment()
    }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key") ?? .from
}
