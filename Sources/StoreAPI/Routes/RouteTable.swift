import HTTPTypes
import Hummingbird

/// Registers routes and remembers them: a method that a path does not have is answered with 405, and the document is held against the list.
struct RouteTable {
    private(set) var methods: [String: [HTTPRequest.Method]] = [:]
    private let router: Router<APIContext>

    init(router: Router<APIContext>) { self.router = router }

    /// `path` in Hummingbird's form, e.g. `/api/stores/:id`.
    mutating func on(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ handler: @escaping @Sendable (Request, APIContext) async throws -> Response
    ) {
        methods[path, default: []].append(method)
        router.on(RouterPath(path), method: method, use: handler)
    }

    /// Call it last.
    func refuseOtherMethods() {
        for (path, known) in methods {
            let allow = (known + [.options]).map(\.rawValue).joined(separator: ", ")
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete]
            where !known.contains(method) && !(method == .head && known.contains(.get)) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw APIError(.methodNotAllowed, "\(method.rawValue) is not possible here", allow: allow)
                }
            }
        }
    }
}
