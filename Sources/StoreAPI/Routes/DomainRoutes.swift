import HTTPTypes
import Hummingbird
import Identity
import JobDispatch
import Observability
import StoreDomain
import StoreRecords

/// Domains that owners bring along for their stores.
struct DomainRoutes: Sendable {
    let records: StoreRecords
    let jobs: JobEnqueuer
    let rules: DomainRules

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/stores/:id/domains", for: .readStores, list)
        table.on(.post, "/api/stores/:id/domains", for: .changeStores, add)
        table.on(.delete, "/api/stores/:id/domains/:host", for: .changeStores, remove)
        table.on(.post, "/api/stores/:id/domains/:host/primary", for: .changeStores, choosePrimary)
        table.on(.post, "/api/stores/:id/domains/:host/check", for: .changeStores, check)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let id = context.storeID, let found = try await records.domains(of: id, visibleTo: context.visibleTo) else {
            throw APIError.storeNotFound
        }
        return .json(capacity: 2_048) { json in
            json.array("domains", found.domains) { json, domain in json.object { $0.fields(of: domain, of: found.store) } }
        }
    }

    @Sendable private func add(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await context.store(records)
        let body = try await AddDomainRequest(request, rules: rules)
        let outcome = try await records.addDomain(
            body.host,
            to: store.id,
            takesOver: body.takesOver,
            visibleTo: context.visibleTo,
            by: context.operator
        )
        switch outcome {
        case .accepted(let domain): return .domain("Domain added: set its records", domain, of: store, status: .accepted)
        case .repeated(let domain): return .domain("The store has this domain already", domain, of: store, status: .ok)
        case .taken:
            throw APIError(
                .conflict,
                "Another store has proved \(body.host.displayed). If the domain is yours, add it with takeOver and set its TXT record",
                code: "taken",
                field: "host"
            )
        case .tooMany:
            throw APIError(
                .conflict,
                "A store can have \(StoreRecords.domainsPerStore) domains: remove one to add another",
                code: "too-many-domains"
            )
        case .tooManyPending:
            throw APIError(
                .conflict,
                "\(StoreRecords.pendingDomainsPerOwner) domains are not proved yet: set their records, or remove some",
                code: "too-many-pending-domains"
            )
        case .notReady: throw APIError(.conflict, store.changeRefusal, code: "not-ready")
        case .notFound: throw APIError.storeNotFound
        }
    }

    @Sendable private func remove(_ request: Request, _ context: APIContext) async throws -> Response {
        let (id, host) = try await target(context)
        _ = try await JSONBody(request, optional: true)
        let outcome = try await records.removeDomain(
            host,
            of: id,
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        return try await answer(outcome, "Domain removed", context)
    }

    @Sendable private func choosePrimary(_ request: Request, _ context: APIContext) async throws -> Response {
        let (id, host) = try await target(context)
        _ = try await JSONBody(request, optional: true)
        let outcome = try await records.choosePrimaryDomain(
            host,
            of: id,
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        return try await answer(outcome, "Address change started", context)
    }

    /// A worker looks at it as soon as it can.
    @Sendable private func check(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await context.store(records)
        let (_, host) = try await target(context)
        _ = try await JSONBody(request, optional: true)
        guard let domain = try await records.checkDomainNow(host, of: store.id) else { throw Self.notFound }
        return .domain("Check started", domain, of: store, status: .accepted)
    }

    private func answer(_ outcome: ChangeDomainOutcome, _ message: String, _ context: APIContext) async throws -> Response {
        switch outcome {
        case .accepted(let store, let descriptor):
            if let descriptor {
                context.note(descriptor)
                await jobs.enqueue(descriptor)
            }
            return .accepted(message, store)
        case .unchanged(let store): return .accepted("Nothing to change: it is the store's address", store, status: .ok)
        case .primary: throw APIError(.conflict, "It is the store's address: choose another one first", code: "primary")
        case .notActive: throw APIError(.conflict, "Only a domain that is active can be the store's address", code: "not-active")
        case .notReady(let store): throw APIError(.conflict, store.changeRefusal, code: "not-ready")
        case .noDomain: throw Self.notFound
        case .notFound: throw APIError.storeNotFound
        }
    }

    /// The store's and the domain's names in the path. Whether the caller may see the store is asked first, so that nobody learns of a domain.
    private func target(_ context: APIContext) async throws -> (StoreID, DomainName) {
        let store = try await context.store(records)
        let named = context.parameters.get("host").flatMap { String(percentEncoded: $0.utf8, plusIsSpace: false) }
        // Our own host may be one that nobody could bring along.
        guard let host = named.flatMap({ DomainName(stored: $0) ?? (try? DomainName($0)) }) else { throw Self.notFound }
        return (store.id, host)
    }

    private static let notFound = APIError(.notFound, "The store has no such domain", code: "domain-not-found")
}

extension Response {
    fileprivate static func domain(_ message: String, _ domain: OwnDomain, of store: Store, status: HTTPResponse.Status) -> Response {
        .json(status: status, capacity: 1_024) { json in
            json.field("message", message)
            json.object("domain") { $0.fields(of: domain, of: store) }
        }
    }
}
