import HTTPTypes
import Hummingbird
import Identity
import Logging
import Program
import StoreDomain
import StoreRecords
import Synchronization

/// Archives that people send, for new stores to be made of them.
struct ImportRoutes: Sendable {
    static let path = "/api/imports"

    let records: StoreRecords
    /// `nil`: nothing is imported.
    let archives: ArchiveClient?
    /// In bytes.
    let limit: Int64
    let creation: StoreCreation

    /// How many this process passes on at once: each takes a piece's memory in the vault, for as long as its sender likes.
    private static let atOnce = 4
    private static let running = Mutex(0)

    private static func begin() -> Bool {
        running.withLock { count in
            guard count < atOnce else { return false }
            count += 1
            return true
        }
    }

    func add(to table: inout RouteTable) {
        table.on(.get, Self.path, for: .readStores, list)
        table.on(.post, Self.path, for: .changeStores, take)
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let imports = try await records.imports(of: context.visibleTo?.user)
        return .json(capacity: 2_048) { json in json.array("imports", imports) { json, it in json.object { $0.fields(of: it) } } }
    }

    private func renew(_ id: ArchiveID, _ logger: Logger) async {
        while (try? await Task.sleep(for: .seconds(60))) != nil {
            do { try await records.renewImport(id) } catch {
                logger.warning("An import could not be renewed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// The body goes through to the vault while it comes. It is sent whole or not at all: the next one begins anew.
    @Sendable private func take(_ request: Request, _ context: APIContext) async throws -> Response {
        let owner = try context.owner()
        try await creation.requireKeepers()
        let archives = try archives.required()
        if let type = request.headers[.contentType], !["application/x-tar", "application/octet-stream"].contains(type) {
            throw APIError(.unsupportedMediaType, "An archive is sent as application/x-tar", code: "unsupported-media-type")
        }
        guard let length = request.headers[.contentLength].flatMap({ Int64($0) }) else {
            throw APIError(.lengthRequired, "Content-Length is required", code: "length-required", field: "Content-Length")
        }
        guard length <= limit else { throw APIError(.contentTooLarge, "An archive may have \(limit >> 20) MiB at most") }
        let id = ArchiveID.random()
        guard Self.begin() else {
            throw APIError(
                .serviceUnavailable,
                "Too many archives are being sent. Please try again.",
                code: "archive-unavailable",
                retryAfter: 60
            )
        }
        defer { Self.running.withLock { $0 -= 1 } }
        switch try await records.beginImport(id, owner: owner, bytes: length, limit: limit) {
        case .begun: break
        case .tooMany:
            let most = "\(StoreRecords.importsPerDay) archives within 24 hours, \(StoreRecords.importsAtOnce) at a time"
            throw APIError(.tooManyRequests, "At most \(most): send this one later", code: "too-many-imports")
        case .tooMuch:
            let most = "\((2 * limit) >> 20) MiB of archives within 24 hours"
            throw APIError(.tooManyRequests, "At most \(most): send this one later", code: "too-many-imports")
        }
        // Ends with this request, however it ends.
        async let _ = renew(id, context.logger)
        let upload = WatchedUpload(request.body, length: length)
        do {
            do { try await archives.store(upload, as: id) } catch {
                // A vault may answer before it has read all.
                await upload.gate.shut()
                throw error
            }
            guard case .success(let manifest)? = upload.result else { throw APIError(.badRequest, "The archive was not sent as a whole") }
            guard let made = try await records.endImport(id, bytes: length, manifest, by: context.operator) else {
                throw ArchiveClient.Failure(description: "The archive took too long")
            }
            return .json(status: .created) { json in json.object("import") { $0.fields(of: made) } }
        } catch {
            try? await records.giveUpImport(id)
            if case .failure(let why)? = upload.result {
                throw APIError(.badRequest, "This is no archive that a store can be made of. \(why).", code: "bad-archive")
            }
            guard let failure = error as? ArchiveClient.Failure else { throw error }
            context.logger.warning("An archive cannot be kept", metadata: ["error": "\(failure)"])
            throw APIError(.serviceUnavailable, "\(failure). Please try again.", code: "archive-unavailable", retryAfter: 30)
        }
    }
}
