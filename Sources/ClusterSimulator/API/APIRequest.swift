/// A request to the simulated API, free of any HTTP library.
struct APIRequest: Sendable {
    let method: String
    /// Decoded path segments.
    let path: [String]
    let query: [String: String]
    let contentType: String
    let accept: String
    let userAgent: String
    /// All of them, names in lower case, for what is behind a proxy.
    let headers: [String: String]
    let body: [UInt8]

    init(
        method: String,
        path: String,
        query: [String: String] = [:],
        contentType: String = "application/json",
        accept: String = "",
        userAgent: String = "",
        headers: [String: String] = [:],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path.split(separator: "/").map(String.init)
        self.query = query
        self.contentType = contentType.split(separator: ";").first.map(String.init) ?? ""
        self.accept = accept
        self.userAgent = userAgent
        self.headers = headers
        self.body = body
    }

    func isSet(_ name: String) -> Bool { ["true", "1"].contains(query[name] ?? "") }

    var isDryRun: Bool { query["dryRun"] == "All" }

    /// The manager named in the query, or the program's name.
    var author: Author {
        let program = userAgent.split(separator: "/").first.map(String.init) ?? "unknown"
        return Author(manager: query["fieldManager"] ?? program)
    }

    /// The namespace that a request is about; for faults and the log.
    var namespace: String? {
        guard let index = path.firstIndex(of: "namespaces"), path.indices.contains(index + 1), path.first != "simulator" else { return nil }
        return path[index + 1]
    }
}

extension APIRequest {
    /// Whether it is about something in the namespace, and not a grant of rights there.
    func isAboutContents(of namespace: String) -> Bool {
        guard let index = path.firstIndex(of: namespace), path.count > index + 1 else { return false }
        return !(method == "POST" && path.last == "rolebindings")
    }
}

/// An answer of the simulated API.
struct APIResponse: Sendable {
    enum Body: Sendable {
        case json(JSONValue)
        case bytes([UInt8], contentType: String)
        /// Lines as they come, until the watch or the log ends.
        case stream(LineStream)
    }

    var status = 200
    var headers: [String: String] = [:]
    let body: Body

    static func json(_ value: JSONValue, status: Int = 200) -> APIResponse { APIResponse(status: status, body: .json(value)) }

    static func text(_ text: String, status: Int = 200, contentType: String = "text/plain") -> APIResponse {
        APIResponse(status: status, body: .bytes(Array(text.utf8), contentType: contentType))
    }

    static func failure(_ failure: APIFailure) -> APIResponse { .json(failure.status, status: failure.code) }
}

/// The lines of a watch or a log, and the end that stops it.
struct LineStream: Sendable {
    let lines: AsyncStream<[UInt8]>
    let output: AsyncStream<[UInt8]>.Continuation
    var contentType = "application/json"
}
