import Hummingbird
import StoreDomain
import StoreRecords

/// The query of `GET /api/stores`. Without parameters: every store, newest first, as clients have always asked.
enum ListStoresRequest {
    static func query(_ request: Request, owner: UserID?) throws -> StoreQuery {
        let parameters = request.uri.queryParameters
        func text(_ name: Substring) -> String? { parameters[name].map(String.init).flatMap { $0.isEmpty ? nil : $0 } }
        func wrong(_ message: String) -> APIError { APIError(.badRequest, message) }

        var query = StoreQuery(owner: owner)
        if let sort = text("sort") {
            guard let sort = StoreSort(rawValue: sort) else { throw wrong("sort must be one of \(words(StoreSort.allCases))") }
            query.sort = sort
        }
        if let statuses = text("status") {
            query.statuses = Set(
                try statuses.split(separator: ",").map {
                    guard let status = StoreStatus(rawValue: String($0)) else {
                        throw wrong("status must be of \(words(StoreStatus.allCases))")
                    }
                    return status
                }
            )
        }
        if let engines = text("engine") {
            query.engines = Set(
                try engines.split(separator: ",").map {
                    guard let engine = Engine(rawValue: String($0)) else { throw wrong("engine must be of \(words(Engine.allCases))") }
                    return engine
                }
            )
        }
        if let search = text("q") {
            guard search.count <= 200, !search.utf8.contains(0) else { throw wrong("q must have at most 200 characters") }
            query.text = search
        }
        if let limit = text("limit") {
            guard let limit = Int(limit), (1...200).contains(limit) else { throw wrong("limit must be a number from 1 to 200") }
            query.limit = limit
        }
        if let cursor = text("cursor") {
            guard let cursor = StoreCursor(cursor), cursor.fits(query.sort) else {
                throw wrong("cursor is not one that this list gave out")
            }
            query.after = cursor
            query.limit = query.limit ?? 50
        }
        return query
    }

    private static func words<Word: RawRepresentable<String>>(_ all: [Word]) -> String { all.map(\.rawValue).joined(separator: ", ") }
}
