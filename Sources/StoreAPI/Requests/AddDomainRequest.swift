import Hummingbird
import StoreDomain

/// The body of `POST /api/stores/:id/domains`, parsed once.
struct AddDomainRequest {
    let host: DomainName
    /// Also where another store has proved it.
    let takesOver: Bool

    init(_ request: Request, rules: DomainRules) async throws {
        let body = try await JSONBody(request, "host", "takeOver")
        guard let text = try body.text("host") else {
            throw APIError(.badRequest, "host is required", code: "required", field: "host")
        }
        do throws(DomainName.Invalid) {
            host = try DomainName(text)
            try rules.check(host)
        } catch {
            throw APIError.wrong("host", error.reason)
        }
        takesOver = try body.flag("takeOver") ?? false
    }
}
