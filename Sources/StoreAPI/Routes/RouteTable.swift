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

    /// `path` in Hummingbird's form, e.g. `/api/stores/:id`. There is no way to the handler but by the permission. `query`: the parameters that the
    /// route knows; others are refused by their names. To each GET below `/api/` comes `userId`, see `Authenticator`.
    mutating func on(
        _ method: HTTPRequest.Method,
        _ path: String,
        for permission: Permission,
        query parameters: [String] = [],
        _ handler: @escaping @Sendable (Request, APIContext) async throws -> Response
    ) {
        methods[path, default: []].append(method)
        permissions["\(method.rawValue) \(path)"] = permission
        router.on(RouterPath(path), method: method) { [access] request, context in
            do {
                let context = try await access.admit(request, context, for: permission)
                if request.isForAPI { try context.query.refuse(beside: method == .get ? parameters + ["userId"] : parameters) }
                do { return try await handler(request, context) } catch let error as APIError where error == .storeNotFound {
                    throw try await access.explain(error, context)
                }
            } catch let error as HTTPError {
                // The router would answer its own errors in its own form.
                throw APIError(error.status, error.body ?? error.status.reasonPhrase)
            }
        }
    }

    /// Call it last. OPTIONS is answered with what there is (RFC 9110, 9.3.7); a preflight does not come so far.
    func refuseOtherMethods() {
        for (path, known) in methods {
            let heads: [HTTPRequest.Method] = known.contains(.get) ? [.head] : []
            let allow = (known + heads + [.options]).map(\.rawValue).joined(separator: ", ")
            router.on(RouterPath(path), method: .options) { _, _ in Response(status: .noContent, headers: [.allow: allow]) }
            for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .trace]
            where !known.contains(method) && !(method == .head && known.contains(.get)) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw APIError(.methodNotAllowed, "Method \(method.rawValue) not allowed", allow: allow)
                }
            }
        }
    }
}
