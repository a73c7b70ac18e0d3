import StoreDomain
import StoreRecords

/// The query of `GET /api/stores`. Without parameters: every store, newest first, as clients have always asked.
enum ListStoresRequest {
    static let parameters = ["limit", "cursor", "status", "engine", "plan", "version", "asleep", "slug", "q", "sort", "scope"]

    static func query(_ parameters: Query, visibleTo: UserID?) throws -> StoreQuery {
        func wrong(_ name: String, _ message: String) -> APIError { .wrong(name, "\(name) \(message)") }
        /// A parameter's words, separated by commas; none where it is absent.
        func set<Word: Hashable>(_ name: String, of allowed: String, _ parse: (String) -> Word?) throws -> Set<Word> {
            try Set(
                (parameters[name] ?? "").split(separator: ",").map {
                    guard let word = parse(String($0)) else { throw wrong(name, "must be of \(allowed)") }
                    return word
                }
            )
        }

        var query = StoreQuery(visibleTo: visibleTo)
        if let sort = parameters["sort"] {
            guard let sort = StoreSort(rawValue: sort) else { throw wrong("sort", "must be one of \(words(StoreSort.allCases))") }
            query.sort = sort
        }
        query.statuses = try set("status", of: words(StoreStatus.allCases)) { StoreStatus(rawValue: $0) }
        query.engines = try set("engine", of: words(Engine.allCases)) { Engine(rawValue: $0) }
        query.plans = try set("plan", of: words(StorePlan.allCases)) { StorePlan(rawValue: $0) }
        query.versions = try set("version", of: "versions such as 1.2.0") { ChartVersion($0) }
        query.isAsleep = try parameters.value("asleep", "true or false") { Bool($0) }
        query.namespace = try parameters.value("slug", "the first label of a store's address") {
            StoreNamespace(StoreNamespace.prefix + $0)
        }
        if let search = parameters["q"] {
            guard search.count <= 200, !search.utf8.contains(0) else { throw wrong("q", "must have at most 200 characters") }
            query.text = search
        }
        query.limit = try parameters.number("limit", in: 1...200)
        if let cursor = parameters["cursor"] {
            guard let cursor = StoreCursor(cursor), cursor.fits(query.sort) else {
                throw wrong("cursor", "is not one that this list gave out")
            }
            query.after = cursor
            query.limit = query.limit ?? 50
        }
        return query
    }

    private static func words<Word: RawRepresentable<String>>(_ all: [Word]) -> String { all.map(\.rawValue).joined(separator: ", ") }
}
