/// The latest requests, for tests and for people who wonder what Helm asks.
struct RequestLog {
    private var entries: [JSONValue] = []
    private static let kept = 2000

    mutating func append(_ request: APIRequest, status: Int, at time: String) {
        entries.append([
            "time": .string(time), "method": .string(request.method), "path": .string("/" + request.path.joined(separator: "/")),
            "query": JSONValue(request.query), "userAgent": .string(request.userAgent),
            "fieldManager": JSONValue(request.query["fieldManager"]),
            "status": JSONValue(status), "namespace": JSONValue(request.namespace),
        ])
        if entries.count >= Self.kept * 2 { entries.removeFirst(entries.count - Self.kept) }
    }

    func latest(_ limit: Int, namespace: String?) -> [JSONValue] {
        Array(entries.filter { namespace == nil || $0["namespace"].string == namespace }.suffix(min(limit, Self.kept)))
    }
}
