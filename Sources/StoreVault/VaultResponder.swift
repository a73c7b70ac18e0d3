import AsyncHTTPClient
import CoreMetrics
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import Program
import Sealing
import StoreDomain
import Synchronization

/// Checks who asks for what, and passes on to the storage what may be.
struct VaultResponder: HTTPResponder {
    let keys: KeyRing
    /// `nil`: nobody has a token for an archive.
    let archiveKeys: KeyRing?
    let storage: VaultStorage
    let volume: VaultVolume?
    let logger: Logger
    private let problems = ProblemLog()
    private var archives: ArchiveFolder { ArchiveFolder(storage: storage, volume: volume) }

    init(keys: KeyRing, archiveKeys: KeyRing?, storage: VaultStorage, volume: VaultVolume?, logger: Logger) {
        self.keys = keys
        self.archiveKeys = archiveKeys
        self.storage = storage
        self.volume = volume
        self.logger = logger
    }

    func respond(to request: Request, context: BasicRequestContext) async -> Response {
        var operation: VaultOperation?
        let response: Response
        do throws(VaultRefusal) {
            // Whoever has no token learns nothing of what there is.
            let token = try token(of: request)
            let asked = try VaultOperation(request.head)
            operation = asked
            guard asked.folder == token.folder, asked.isAllowed(by: token.right) else { throw VaultRefusal(.forbidden) }
            response = try await answer(asked, by: token.right, request)
        } catch {
            response = refused(error.status)
        }
        Counter(
            label: "storeweaver_vault_requests_total",
            dimensions: [("operation", operation?.name ?? "none"), ("status", String(response.status.code))]
        ).increment()
        return response
    }

    private func token(of request: Request) throws(VaultRefusal) -> VaultToken {
        let words = request.headers[.authorization]?.split(separator: " ") ?? []
        guard words.count == 2, words[0].lowercased() == "basic", let data = Data(base64Encoded: String(words[1])) else {
            throw VaultRefusal(.unauthorized)
        }
        let parts = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let folder = VaultFolder(String(parts[0])), let keys = keys(to: folder),
            let token = VaultToken(verifying: String(parts[1]), by: keys, now: Date()), token.folder == folder
        else { throw VaultRefusal(.unauthorized) }
        return token
    }

    private func keys(to folder: VaultFolder) -> KeyRing? {
        switch folder {
        case .repository: keys
        case .archive: archiveKeys
        }
    }

    private func answer(_ operation: VaultOperation, by right: VaultToken.Right, _ request: Request) async throws(VaultRefusal) -> Response
    {
        let folder = operation.folder
        do {
            let response: Response
            switch operation.action {
            case .create: response = try await storage.pass(.POST, folder, "?create=true")
            case .size:
                let bytes = try await storage.size(of: folder)
                response = Response(
                    status: .ok,
                    headers: [.contentType: "application/json"],
                    body: .init(byteBuffer: ByteBuffer(string: "{\"bytes\":\(bytes)}\n"))
                )
            case .remove:
                try await storage.remove(folder)
                try volume?.remove(folder)
                logger.notice("Folder removed", metadata: ["folder": "\(folder)"])
                response = Response(status: .noContent)
            case .list(let kind):
                response = try await storage.pass(.GET, folder, "\(kind.folder)/", headers: request.headers.only(.accept))
            case .read(let object):
                let method: HTTPMethod = request.method == .head ? .HEAD : .GET
                var passed = try await storage.pass(method, folder, object.path, headers: request.headers.only(.range))
                if passed.status == .ok, passed.headers[.lastModified] == nil, let date = volume?.written(object, in: folder) {
                    passed.headers[.lastModified] = HTTPDate.text(date)
                }
                response = passed
            case .write(let object, let length):
                let isAdding = right == .append && object.isData
                if isAdding, let volume, !volume.hasRoom(for: length) { throw VaultRefusal(.insufficientStorage) }
                response = Response(status: try await write(object, length: length, in: folder, request))
            case .delete(let object):
                // A key is a mistake as long as there is no config: whoever made the repository was killed.
                if right == .append, case .blob(.keys, _) = object, try await storage.length(of: .config, in: folder) != nil {
                    throw VaultRefusal(.forbidden)
                }
                response = try await storage.pass(.DELETE, folder, object.path)
            case .receive: response = try await archives.receive(request.body, into: folder)
            case .send: response = try await archives.send(folder, request)
            }
            note(
                response.status == .insufficientStorage
                    ? .full : response.status.code >= 500 ? .failed("status \(response.status.code)") : nil
            )
            return response
        } catch let refusal as VaultRefusal {
            if refusal.status == .insufficientStorage { note(.full) }
            throw refusal
        } catch {
            note(.failed((error as? VaultStorage.Failure)?.reason ?? "\(error)"))
            throw VaultRefusal(.serviceUnavailable)
        }
    }

    /// A blob is called after what is in it: the same once more is a repetition whose first answer was lost, and nothing else can come.
    private func write(
        _ object: VaultObject,
        length: Int64,
        in folder: VaultFolder,
        _ request: Request
    ) async throws -> HTTPResponse.Status {
        let name: String? = if case .blob(_, let name) = object { name } else { nil }
        let body = VerifiedBody(base: request.body, length: length, name: name)
        do {
            switch try await storage.length(of: object, in: folder) {
            case nil:
                let status = try await write(object, body, length: length, in: folder)
                if status == .ok { Counter(label: "storeweaver_vault_written_bytes_total").increment(by: length) }
                return status
            case length where name != nil:
                for try await _ in body {}
                return .ok
            default: throw VaultRefusal(.forbidden)
            }
        } catch {
            throw body.verdict.isRefused ? VaultRefusal(.badRequest) : error
        }
    }

    private func write(_ object: VaultObject, _ body: VerifiedBody<RequestBody>, length: Int64, in folder: VaultFolder) async throws
        -> HTTPResponse.Status
    {
        let result: Result<HTTPResponse.Status, any Error>
        do { result = .success(try await storage.write(object, in: folder, body: .stream(body, length: .known(length)))) } catch {
            result = .failure(error)
        }
        // A storage may answer before it has read all.
        await body.gate.shut()
        return try result.get()
    }

    private func refused(_ status: HTTPResponse.Status) -> Response {
        var headers: HTTPFields = [:]
        if status == .unauthorized { headers[.wwwAuthenticate] = "Basic realm=\"vault\"" }
        return Response(status: status, headers: headers)
    }

    private func note(_ problem: ProblemLog.Problem?) {
        problems.note(problem, logger: logger)
    }
}

/// Counts the storage's failures, and logs when they begin and end, not each.
private final class ProblemLog: Sendable {
    enum Problem: Sendable {
        case full
        case failed(String)
    }

    private let hasProblem = Mutex(false)

    func note(_ problem: Problem?, logger: Logger) {
        let isNew = hasProblem.withLock { it in
            defer { it = problem != nil }
            return it != (problem != nil)
        }
        switch problem {
        case .full:
            count("full")
            if isNew { logger.error("The vault's storage is full; backups fail until there is room") }
        case .failed(let reason):
            count("failed")
            if isNew { logger.error("The vault's storage does not work; backups fail", metadata: ["error": "\(reason)"]) }
        case nil:
            if isNew { logger.notice("The vault's storage works again") }
        }
    }

    private func count(_ reason: String) {
        Counter(label: "storeweaver_vault_storage_failures_total", dimensions: [("reason", reason)]).increment()
    }
}

extension HTTPResponse.Status {
    /// RFC 4918, 11.5.
    static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}

extension HTTPFields {
    fileprivate func only(_ name: HTTPField.Name) -> HTTPFields {
        self[name].map { [name: $0] } ?? [:]
    }
}

extension VaultObject {
    fileprivate var isData: Bool { if case .blob(.data, _) = self { true } else { false } }
}
