/// An answer other than success, as Kubernetes' `Status` object tells it.
struct APIFailure: Error, Sendable {
    let code: Int
    let reason: String
    let message: String
    var details: JSONValue = .null

    var status: JSONValue {
        [
            "kind": "Status", "apiVersion": "v1", "metadata": .object([:]), "status": "Failure", "message": .string(message),
            "reason": .string(reason), "details": details, "code": JSONValue(code),
        ]
    }

    private static func details(_ kind: Kind, _ name: String) -> JSONValue {
        ["name": .string(name), "group": kind.group.isEmpty ? .null : .string(kind.group), "kind": .string(kind.resource)]
    }

    static func notFound(_ kind: Kind, _ name: String) -> APIFailure {
        APIFailure(code: 404, reason: "NotFound", message: "\(kind.rawValue) \"\(name)\" not found", details: details(kind, name))
    }

    static let noSuchPath = APIFailure(code: 404, reason: "NotFound", message: "the server could not find the requested resource")

    static func alreadyExists(_ kind: Kind, _ name: String) -> APIFailure {
        APIFailure(
            code: 409,
            reason: "AlreadyExists",
            message: "\(kind.rawValue) \"\(name)\" already exists",
            details: details(kind, name)
        )
    }

    static func conflict(_ kind: Kind, _ name: String, _ why: String) -> APIFailure {
        APIFailure(
            code: 409,
            reason: "Conflict",
            message: "Operation cannot be fulfilled on \(kind.rawValue) \"\(name)\": \(why)",
            details: details(kind, name)
        )
    }

    static func stale(_ kind: Kind, _ name: String) -> APIFailure {
        conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again")
    }

    static func forbidden(_ kind: Kind, _ name: String, _ why: String, cause: String? = nil) -> APIFailure {
        var details = details(kind, name)
        if let cause { details["causes"] = [["reason": .string(cause), "message": .string(why)]] }
        return APIFailure(
            code: 403,
            reason: "Forbidden",
            message: "\(kind.rawValue) \"\(name)\" is forbidden: \(why)",
            details: details
        )
    }

    static func invalid(_ kind: Kind, _ name: String, _ why: String) -> APIFailure {
        APIFailure(
            code: 422,
            reason: "Invalid",
            message: "\(kind.name) \"\(name)\" is invalid: \(why)",
            details: details(kind, name)
        )
    }

    static func badRequest(_ why: String) -> APIFailure { APIFailure(code: 400, reason: "BadRequest", message: why) }

    static func gone(_ revision: Int, oldest: Int) -> APIFailure {
        APIFailure(code: 410, reason: "Expired", message: "too old resource version: \(revision) (\(oldest))")
    }

    static func unsupportedMediaType(_ type: String) -> APIFailure {
        APIFailure(
            code: 415,
            reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types include: application/json (got \(type))"
        )
    }

    static let unauthorized = APIFailure(code: 401, reason: "Unauthorized", message: "Unauthorized")
    static let methodNotAllowed = APIFailure(
        code: 405,
        reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource"
    )
}
