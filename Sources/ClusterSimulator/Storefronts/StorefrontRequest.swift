/// What a customer's browser, or a script in its place, asks a simulated store.
struct StorefrontRequest: Sendable {
    let method: String
    /// Decoded, without a slash at its end; `/` is the front page.
    let path: String
    let query: [String: String]
    /// Names in lower case.
    let headers: [String: String]
    /// `null` when there is none, or what is there is no JSON.
    let body: JSONValue

    init(method: String = "GET", path: String, query: [String: String] = [:], headers: [String: String] = [:], body: [UInt8] = []) {
        self.method = method
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        self.query = query
        self.headers = headers
        self.body = body.isEmpty ? .null : (try? JSONReader.read(body)) ?? .null
    }

    /// The method and the path below `prefix`, by segments; `nil` for a path elsewhere.
    func route(below prefix: String) -> [String]? { route(path, below: prefix) }

    /// The same of WordPress's parameter `rest_route`, which names a route whatever the permalinks are.
    func restRoute(below prefix: String) -> [String]? {
        guard ["/", "/index.php"].contains(path), let named = query["rest_route"] else { return nil }
        return route(named, below: prefix)
    }

    private func route(_ path: String, below prefix: String) -> [String]? {
        guard path.hasPrefix(prefix + "/") else { return nil }
        return [method] + path.dropFirst(prefix.count + 1).split(separator: "/").map(String.init)
    }

    /// Whether a guest asks for what is sold, or for what follows from it.
    enum Subject { case catalogue, draft, order, other }

    var subject: Subject {
        let words = [path, query["rest_route"] ?? ""].joined(separator: "/")
        if path == "/-/order" || words.hasSuffix("/complete") || words.contains("/checkout") && method == "POST" { return .order }
        if words.contains("/checkout") || words.contains("/shipping-options") { return .draft }
        return words.contains("/products") ? .catalogue : .other
    }
}
