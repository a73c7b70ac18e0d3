import HTTPTypes
import Sealing
import StoreDomain

/// What a request asks for: restic's REST protocol, archives, and the management of whole folders.
struct VaultOperation: Sendable, Equatable {
    enum Action: Sendable, Equatable {
        /// Makes the repository's folders.
        case create
        case size
        case remove
        case list(VaultObject.Kind)
        /// GET or HEAD.
        case read(VaultObject)
        /// `length` in bytes.
        case write(VaultObject, length: Int64)
        case delete(VaultObject)
        /// An archive, in the place of what there is of it.
        case receive
        /// GET or HEAD of an archive.
        case send
    }

    let folder: VaultFolder
    let action: Action

    /// As the log and the metrics call it.
    var name: String {
        switch action {
        case .create: "create"
        case .size: "size"
        case .remove: "remove"
        case .list: "list"
        case .read: "read"
        case .write: "write"
        case .delete: "delete"
        case .receive: "receive"
        case .send: "send"
        }
    }

    /// By the path as it was sent: nothing in it needs or gets decoding, so nothing can lead elsewhere. Throws the status that refuses it.
    init(_ request: HTTPRequest) throws(VaultRefusal) {
        let target = (request.path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let parts = target[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, parts[0].isEmpty, let folder = VaultFolder(parts[1]) else { throw VaultRefusal(.notFound) }
        self.folder = folder
        let query = target.count == 2 ? target[1] : nil
        if case .archive = folder {
            guard parts.count == 3, parts[2].isEmpty, query == nil else { throw VaultRefusal(.notFound) }
            action = try Self.archive(request.method)
        } else if parts.count == 3, parts[2].isEmpty {
            action = try Self.whole(request.method, query)
        } else {
            guard query == nil else { throw VaultRefusal(.badRequest) }
            action = try Self.part(Array(parts[2...]), of: request)
        }
    }

    private static func whole(_ method: HTTPRequest.Method, _ query: String?) throws(VaultRefusal) -> Action {
        switch (method, query) {
        case (.post, "create=true"): .create
        case (.get, "size"): .size
        case (.delete, nil): .remove
        case (.get, nil), (.post, nil): throw VaultRefusal(.badRequest)
        default: throw VaultRefusal(.methodNotAllowed)
        }
    }

    private static func archive(_ method: HTTPRequest.Method) throws(VaultRefusal) -> Action {
        switch method {
        case .put: .receive
        case .get, .head: .send
        case .delete: .remove
        default: throw VaultRefusal(.methodNotAllowed)
        }
    }

    private static func part(_ path: [String], of request: HTTPRequest) throws(VaultRefusal) -> Action {
        if path.count == 2, path[1].isEmpty, let kind = VaultObject.Kind(rawValue: path[0]) {
            guard request.method == .get else { throw VaultRefusal(.methodNotAllowed) }
            return .list(kind)
        }
        guard let object = VaultObject(path) else { throw VaultRefusal(.notFound) }
        switch request.method {
        case .get, .head: return .read(object)
        case .delete: return .delete(object)
        case .post:
            guard let length = request.headerFields[.contentLength].flatMap({ Int64($0) }), length >= 0 else {
                throw VaultRefusal(.lengthRequired)
            }
            guard length <= object.limit else { throw VaultRefusal(.contentTooLarge) }
            return .write(object, length: length)
        default: throw VaultRefusal(.methodNotAllowed)
        }
    }

    private var isOfEscrow: Bool {
        switch action {
        case .list(.escrow), .read(.blob(.escrow, _)), .write(.blob(.escrow, _), _), .delete(.blob(.escrow, _)): true
        default: false
        }
    }

    /// Nobody overwrites anything; that is not a question of rights.
    func isAllowed(by right: VaultToken.Right) -> Bool {
        if isOfEscrow { return right == .manage }
        return switch (action, right) {
        case (.size, _): right == .manage
        // Nobody removes what the platform's own database is brought back from.
        case (.remove, _): right == .manage && folder != .repository(.platform)
        case (.receive, _): right == .append
        case (.send, _): right == .read
        case (_, .manage): false
        case (_, .prune), (.list, _), (.read, _): true
        case (.write(.blob(.locks, _), _), _), (.delete(.blob(.locks, _)), _): true
        case (.create, _), (.write, _): right == .append
        // As long as there is no config; the storage is asked.
        case (.delete(.blob(.keys, _)), _): right == .append
        case (.delete, _): false
        }
    }
}

/// One file of a repository.
enum VaultObject: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        case keys, snapshots, index, locks, data
        /// The repository's password, sealed to the operator's key. restic does not know of it.
        case escrow

        /// Below the repository. The storage takes files of restic's kinds only: these are of a repository within the repository.
        var folder: String { self == .escrow ? "escrow/keys" : rawValue }
    }

    case config
    /// `name`: the SHA-256 of what is in it, 64 lower-case hex digits.
    case blob(Kind, name: String)

    init?(_ path: [String]) {
        if path == ["config"] {
            self = .config
            return
        }
        guard path.count == 2, let kind = Kind(rawValue: path[0]), path[1].isHex(64) else { return nil }
        self = .blob(kind, name: path[1])
    }

    /// Below the repository.
    var path: String {
        switch self {
        case .config: "config"
        case .blob(let kind, let name): "\(kind.folder)/\(name)"
        }
    }

    /// In bytes. A pack has 16 MiB as restic is set by default, 128 at most, and one blob more.
    fileprivate var limit: Int64 {
        switch self {
        case .config, .blob(.keys, _), .blob(.locks, _), .blob(.escrow, _): 1 << 20
        case .blob: 256 << 20
        }
    }
}

/// The status that answers a request which is not passed on.
struct VaultRefusal: Error, Equatable {
    let status: HTTPResponse.Status

    init(_ status: HTTPResponse.Status) { self.status = status }
}
