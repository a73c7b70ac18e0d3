import Hummingbird
import StoreDomain
import StoreRecords

/// The body of `POST /api/stores/:id/restore`, parsed once.
struct RestoreRequest {
    let backup: BackupID
    /// The store's slug, where the caller wants it to be sure; `nil`: not given.
    let confirmation: String?

    init(_ request: Request) async throws {
        let body = try await JSONBody(request, "backup", "confirm")
        backup = try body.requiredBackup("backup")
        confirmation = try body.text("confirm")
    }
}

/// The body of `POST /api/stores/:id/clone`, parsed once.
struct CloneRequest {
    let name: StoreName
    /// `nil`: of the name.
    let slug: StoreSlug?
    /// `nil`: of the store as it is now.
    let backup: BackupID?
    let isStaging: Bool

    init(_ request: Request) async throws {
        let body = try await JSONBody(request, "name", "slug", "backup", "staging")
        guard let name = try body.text("name") else {
            throw APIError(.badRequest, "Store name is required", code: "required", field: "name")
        }
        self.name = try CreateStoreRequest.name(name)
        slug = try CreateStoreRequest.slug(try body.text("slug"))
        backup = try body.backup("backup")
        isStaging = try body.flag("staging") ?? false
    }

    /// As of `CreateStoreRequest`.
    func digest(source: StoreID) -> String {
        CreateStoreRequest.digest([
            "clone", source.rawValue, name.rawValue, slug?.rawValue ?? "", backup?.rawValue ?? "", String(isStaging),
        ])
    }
}

/// The body of `POST /api/stores/:id/export`, parsed once.
struct ExportRequest {
    /// `nil`: the newest that is done.
    let backup: BackupID?

    init(_ request: Request) async throws {
        let body = try await JSONBody(request, "backup", optional: true)
        backup = try body.backup("backup")
    }
}

extension JSONBody {
    /// `nil` where it is absent or null.
    func backup(_ name: String) throws -> BackupID? { try shortID(name, "a backup's id") }

    /// `nil` where it is absent or null.
    func archive(_ name: String) throws -> ArchiveID? { try shortID(name, "an import's id") }

    private func shortID<Kind>(_ name: String, _ what: String) throws -> ShortID<Kind>? {
        guard let text = try text(name) else { return nil }
        guard let id = ShortID<Kind>(text) else {
            throw APIError.wrong(path(of: name), "\(path(of: name)) must be \(what): 12 lower-case hexadecimal digits")
        }
        return id
    }

    func requiredBackup(_ name: String) throws -> BackupID {
        guard let id = try backup(name) else {
            throw APIError(.badRequest, "\(path(of: name)) is required", code: "required", field: path(of: name))
        }
        return id
    }
}
