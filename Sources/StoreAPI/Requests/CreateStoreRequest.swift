import Crypto
import Foundation
import Hummingbird
import StoreDomain
import StoreRecords

/// The body of `POST /api/stores`, parsed once.
struct CreateStoreRequest {
    let name: StoreName
    let engine: Engine
    /// `nil`: of the name.
    let slug: StoreSlug?
    /// `nil`: the installation's default.
    let plan: StorePlan?
    /// What it is filled with before it is ready; `nil`: nothing.
    let source: StoreSource?
    let userID: UserID?

    init(_ request: Request) async throws {
        let body = try await JSONBody(request, "name", "engine", "slug", "plan", "from", "userId")
        guard let name = try body.text("name") else {
            throw APIError(.badRequest, "Store name is required", code: "required", field: "name")
        }
        self.name = try Self.name(name)
        engine = try Self.engine(try body.text("engine"))
        slug = try Self.slug(try body.text("slug"))
        plan = try body.plan()
        source = try body.object("from", "backup", "import").map { from in
            guard let archive = try from.archive("import") else { return .backup(try from.requiredBackup("backup")) }
            guard try from.backup("backup") == nil else { throw APIError.wrong("from", "from has a backup or an import, not both") }
            return .archive(archive)
        }
        userID = try body.text("userId").map { try UserID.named(in: $0, "userId") }
    }

    /// The same request in one form, whatever its white space and order of fields. What is not given is no part of it: a client's request has the
    /// digest that it had before the field was known.
    func digest(owner: UserID?) -> String {
        var parts = [name.rawValue, engine.rawValue, owner?.rawValue ?? ""]
        if let slug { parts.append(slug.rawValue) }
        if let plan { parts.append("plan=\(plan.rawValue)") }
        switch source {
        case .backup(let backup): parts.append("from=\(backup.rawValue)")
        case .archive(let archive): parts.append("from=import:\(archive.rawValue)")
        case nil: break
        }
        return Self.digest(parts)
    }

    static func digest(_ parts: [String]) -> String {
        let canonical = parts.joined(separator: "\0")
        return SHA256.hash(data: Data(canonical.utf8)).hex
    }

    static func name(_ text: String) throws -> StoreName {
        let name: StoreName
        do throws(StoreName.Invalid) {
            name = try StoreName(text)
        } catch {
            switch error {
            case .empty: throw APIError(.badRequest, "Store name is required", code: "required", field: "name")
            case .tooLong: throw APIError.wrong("name", "Store name must have at most \(StoreName.maximumLength) characters")
            case .controlCharacter: throw APIError.wrong("name", "Store name must not contain control characters")
            }
        }
        guard name.rawValue.hasVisibleCharacter else { throw APIError.wrong("name", "Store name must have a visible character") }
        return name
    }

    private static func engine(_ text: String?) throws -> Engine {
        guard let text, !text.isEmpty else { throw APIError(.badRequest, "Store engine is required", code: "required", field: "engine") }
        guard let engine = Engine(rawValue: text) else {
            throw APIError.wrong("engine", "Store engine must be \"woocommerce\" or \"medusa\"")
        }
        return engine
    }

    static func slug(_ text: String?) throws -> StoreSlug? {
        guard let text else { return nil }
        guard let slug = StoreSlug(text) else {
            throw APIError.wrong(
                "slug",
                "slug must be 1 to \(StoreSlug.maximumLength) of a-z, 0-9 and -, without - at either end, e.g. \(StoreSlug(of: text))"
            )
        }
        return slug
    }
}
