/// The objects of a collection at one moment.
package struct ObjectList<Object: Sendable>: Sendable {
    package let items: [Object]
    /// Where a watch goes on from.
    package let resourceVersion: String
}

/// One page of a list, as the API server answers it.
struct ListPage<Object: Decodable>: Decodable {
    let items: [Object]?
    let metadata: Metadata?

    struct Metadata: Decodable {
        let resourceVersion: String?
        let `continue`: String?
    }
}

/// One line of a watch.
package enum WatchEvent<Object: Decodable & Sendable>: Decodable, Sendable {
    /// Added or changed. `version`: the collection's after this change.
    case put(Object, version: String)
    case gone(Object, version: String)
    /// Nothing of ours changed up to this version.
    case bookmark(version: String)
    case failure(status: Int, message: String)

    private enum Key: String, CodingKey { case type, object }
    private struct Versioned: Decodable {
        struct Metadata: Decodable { let resourceVersion: String? }
        let metadata: Metadata
    }
    private struct Status: Decodable {
        let code: Int?
        let message: String?
    }

    package init(from decoder: any Decoder) throws {
        let line = try decoder.container(keyedBy: Key.self)
        let type = try line.decode(String.self, forKey: .type)
        if type == "ERROR" {
            let status = try line.decode(Status.self, forKey: .object)
            self = .failure(status: status.code ?? 500, message: status.message ?? "The watch ended with an error.")
            return
        }
        let version = try line.decode(Versioned.self, forKey: .object).metadata.resourceVersion ?? ""
        switch type {
        case "ADDED", "MODIFIED": self = .put(try line.decode(Object.self, forKey: .object), version: version)
        case "DELETED": self = .gone(try line.decode(Object.self, forKey: .object), version: version)
        case "BOOKMARK": self = .bookmark(version: version)
        default: throw DecodingError.dataCorruptedError(forKey: .type, in: line, debugDescription: "no event of a watch is called \(type)")
        }
    }
}
