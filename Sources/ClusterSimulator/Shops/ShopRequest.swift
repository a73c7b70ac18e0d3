/// What a customer's browser, or a script in its place, asks a simulated shop.
struct ShopRequest: Sendable {
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
    func route(below prefix: String) -> [String]? {
        guard path.hasPrefix(prefix + "/") else { return nil }
        return [method] + path.dropFirst(prefix.count + 1).split(separator: "/").map(String.init)
    }
}
