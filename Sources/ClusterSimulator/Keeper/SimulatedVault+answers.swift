extension SimulatedVault {
    /// Whether the path is that of a store's whole repository, or of an archive: `/<store>/`, `/archive-<id>/`.
    static func isFolder(_ path: String) -> Bool { path.wholeMatch(of: /\/(archive-)?[0-9a-f]{12}\//) != nil }
}

extension ClusterState {
    /// What the vault answers who signs in: `DELETE` of a folder removes it; an archive is written by `PUT` and read by `GET`, and `GET`
    /// of a repository says how large it is. Any token opens it. `nil`: the request is not for the vault.
    func answerVault(_ request: APIRequest) -> APIResponse? {
        guard request.path.count == 1, let folder = request.path.first, SimulatedVault.isFolder("/\(folder)/") else { return nil }
        guard request.headers["authorization"]?.hasPrefix("Basic ") == true else { return .json(["error": "unauthorized"], status: 401) }
        switch request.method {
        case "DELETE": return .json(["removed": .bool(vault.remove(folder))])
        case "PUT" where folder.hasPrefix("archive-"):
            return .json(vault.keep(request.body, as: folder, hash: newSnapshotID()), status: 201)
        case "GET" where folder.hasPrefix("archive-"):
            guard let archive = vault.archives[folder] else { return .json(["error": "not found"], status: 404) }
            return Self.answer(archive.bytes, hash: archive.hash, range: request.headers["range"])
        case "GET": return .json(["bytes": JSONValue(vault.size(of: folder))])
        default: return nil
        }
    }

    /// The whole, or from the byte on that `bytes=N-` names.
    private static func answer(_ bytes: [UInt8], hash: String, range: String?) -> APIResponse {
        var headers = ["ETag": "\"\(hash)\"", "Accept-Ranges": "bytes"]
        guard let first = range?.wholeMatch(of: /bytes=(\d+)-/).flatMap({ Int($0.output.1) }) else {
            return APIResponse(headers: headers, body: .bytes(bytes, contentType: "application/x-tar"))
        }
        headers["Content-Range"] = first < bytes.count ? "bytes \(first)-\(bytes.count - 1)/\(bytes.count)" : "bytes */\(bytes.count)"
        let part = first < bytes.count ? Array(bytes[first...]) : []
        return APIResponse(status: part.isEmpty ? 416 : 206, headers: headers, body: .bytes(part, contentType: "application/x-tar"))
    }
}
