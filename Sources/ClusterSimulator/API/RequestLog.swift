internal import Foundation

/// The latest requests, for tests and for people who wonder what Helm asks.
struct RequestLog {
    private var entries: [JSONValue] = []
    private static let kept = 2000

    /// Answers what it keeps: `at` is when it took effect, in seconds since 1970; `uid` is the object that a delete says it is for.
    @discardableResult
    mutating func append(_ request: APIRequest, status: Int, at date: Date) -> JSONValue {
        let entry: JSONValue = [
            "time": .string(date.formatted(.iso8601)), "at": .number(date.timeIntervalSince1970), "method": .string(request.method),
            "path": .string("/" + request.path.joined(separator: "/")), "query": JSONValue(request.query),
            "userAgent": .string(request.userAgent), "fieldManager": JSONValue(request.query["fieldManager"]),
            "status": JSONValue(status), "namespace": JSONValue(request.namespace), "uid": JSONValue(request.precondition),
        ]
        entries.append(entry)
        if entries.count >= Self.kept * 2 { entries.removeFirst(entries.count - Self.kept) }
        return entry
    }

    func latest(_ limit: Int, namespace: String?) -> [JSONValue] {
        Array(entries.filter { namespace == nil || $0["namespace"].string == namespace }.suffix(min(limit, Self.kept)))
    }
}

extension APIRequest {
    var isChange: Bool { method != "GET" && method != "HEAD" && path.first != "simulator" }

    /// The UID that a delete's body wants the object to have.
    fileprivate var precondition: String? {
        guard method == "DELETE", !body.isEmpty, let options = try? RequestBody(self).deleteOptions() else { return nil }
        return options.preconditions["uid"].string
    }
}
