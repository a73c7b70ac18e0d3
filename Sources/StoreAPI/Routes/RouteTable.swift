import HTTPTypes
import Hummingbird
import Identity

/// Registers routes, each with what it takes to be let in, and remembers them: a method that a path does not have is answered with 405,
/// and the document is held against the list.
struct RouteTable {
    private(set) var methods: [String: [HTTPRequest.Method]] = [:]
    private(set) var permissions: [String: Permission] = [:]
    private let router: Router<APIContext>
    private let access: AccessControl

    init(router: Router<APIContext>, access: AccessControl) {
        self.router = router
        self.access = access
    }

    /// `path` in Hummingbird's form, e.g. `/api/stores/:id`. There is no way to the handler but by the permission.
    mutating func on(
        _ method: HTTPRequest.Method,
        _ path: String,
        for permission: Permission,
        _ handler: @escaping @Sendable (Request, APIContext) async throws -> Response
    ) {
        methods[path, default: []].append(method)
        permissions["\(method.rawValue) \(path)"] = permission
        router.on(RouterPath(path), method: method) { [access] request, context in
            do {
                return try await handler(request, try await access.admit(request, context, for: permission))
            } catch let error as HTTPError {
                // The router would answer its own errors in its own form.
                throw APIError(error.status, error.body ?? error.status.reasonPhrase)
            }
        }
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
