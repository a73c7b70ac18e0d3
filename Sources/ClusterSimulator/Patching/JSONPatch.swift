/// RFC 6902.
enum JSONPatch {
    static func apply(_ operations: JSONValue, to target: JSONValue) throws(APIFailure) -> JSONValue {
        var document = target
        for operation in operations.array {
            let path = try pointer(operation["path"])
            switch operation["op"].string {
            case "add": document = try put(operation["value"], at: path[...], in: document, isInsertion: true)
            case "replace":
                _ = try value(at: path, in: document)
                document = try put(operation["value"], at: path[...], in: document, isInsertion: false)
            case "remove": document = try remove(path[...], from: document)
            case "move":
                let source = try pointer(operation["from"])
                let moved = try value(at: source, in: document)
                document = try put(moved, at: path[...], in: remove(source[...], from: document), isInsertion: true)
            case "copy":
                let copied = try value(at: pointer(operation["from"]), in: document)
                document = try put(copied, at: path[...], in: document, isInsertion: true)
            case "test":
                guard try value(at: path, in: document) == operation["value"] else {
                    throw unprocessable("testing value \(operation["path"].string ?? "") failed")
                }
            default: throw .badRequest("unknown JSON patch operation")
            }
        }
        return document
    }

    private static func unprocessable(_ why: String) -> APIFailure {
        APIFailure(code: 422, reason: "Invalid", message: "the server rejected our request due to an error in our request: \(why)")
    }

    private static func pointer(_ value: JSONValue) throws(APIFailure) -> [String] {
        guard let text = value.string, text.isEmpty || text.hasPrefix("/") else { throw .badRequest("invalid JSON pointer") }
        return text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
    }

    private static func value(at path: [String], in document: JSONValue) throws(APIFailure) -> JSONValue {
        var current = document
        for key in path {
            switch current {
            case .object(let members):
                guard let next = members[key] else { throw unprocessable("no such path: \(key)") }
                current = next
            case .array(let elements):
                guard let index = Int(key), elements.indices.contains(index) else { throw unprocessable("no such index: \(key)") }
                current = elements[index]
            default: throw unprocessable("no such path: \(key)")
            }
        }
        return current
    }

    private static func put(_ value: JSONValue, at path: ArraySlice<String>, in document: JSONValue, isInsertion: Bool) throws(APIFailure)
        -> JSONValue
    {
        guard let key = path.first else { return value }
        let rest = path.dropFirst()
        switch document {
        case .array(var elements):
            guard let index = key == "-" ? elements.count : Int(key), (0...elements.count).contains(index) else {
                throw unprocessable("no such index: \(key)")
            }
            if rest.isEmpty, isInsertion {
                elements.insert(value, at: index)
            } else {
                guard elements.indices.contains(index) else { throw unprocessable("no such index: \(key)") }
                elements[index] = try put(value, at: rest, in: elements[index], isInsertion: isInsertion)
            }
            return .array(elements)
        case .object(var members):
            if !rest.isEmpty, members[key] == nil { throw unprocessable("no such path: \(key)") }
            members[key] = try put(value, at: rest, in: members[key] ?? .null, isInsertion: isInsertion)
            return .object(members)
        default: throw unprocessable("no such path: \(key)")
        }
    }

    private static func remove(_ path: ArraySlice<String>, from document: JSONValue) throws(APIFailure) -> JSONValue {
        guard let key = path.first else { return .null }
        let rest = path.dropFirst()
        switch document {
        case .array(var elements):
            guard let index = Int(key), elements.indices.contains(index) else { throw unprocessable("no such index: \(key)") }
            if rest.isEmpty { elements.remove(at: index) } else { elements[index] = try remove(rest, from: elements[index]) }
            return .array(elements)
        case .object(var members):
            guard let child = members[key] else { throw unprocessable("Unable to remove nonexistent key: \(key)") }
            members[key] = rest.isEmpty ? nil : try remove(rest, from: child)
            return .object(members)
        default: throw unprocessable("no such path: \(key)")
        }
    }
}
