import StoreDomain
import StoreRecords

/// The query of `GET /api/stores`. Without parameters: every store, newest first, as clients have always asked.
enum ListStoresRequest {
    static let parameters = ["limit", "cursor", "status", "engine", "q", "sort", "scope"]

    static func query(_ parameters: Query, owner: UserID?) throws -> StoreQuery {
        func wrong(_ name: String, _ message: String) -> APIError { .wrong(name, "\(name) \(message)") }

        var query = StoreQuery(owner: owner)
        if let sort = parameters["sort"] {
            guard let sort = StoreSort(rawValue: sort) else { throw wrong("sort", "must be one of \(words(StoreSort.allCases))") }
            query.sort = sort
        }
        if let statuses = parameters["status"] {
            query.statuses = Set(
                try statuses.split(separator: ",").map {
                    guard let status = StoreStatus(rawValue: String($0)) else {
                        throw wrong("status", "must be of \(words(StoreStatus.allCases))")
                    }
                    return status
                }
            )
        }
        if let engines = parameters["engine"] {
            query.engines = Set(
                try engines.split(separator: ",").map {
                    guard let engine = Engine(rawValue: String($0)) else { throw wrong("engine", "must be of \(words(Engine.allCases))") }
                    return engine
                }
            )
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
