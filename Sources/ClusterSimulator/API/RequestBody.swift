internal import Yams

/// Reads a request's body: JSON, YAML for applies, protobuf where Helm sends nothing else.
struct RequestBody {
    let request: APIRequest

    init(_ request: APIRequest) { self.request = request }

    func object(of kind: Kind) throws(APIFailure) -> JSONValue {
        let object = try json()
        if let stated = object["kind"].string, stated != kind.name {
            throw .badRequest("the object provided is unrecognized (must be of type \(kind.name)): \(stated)")
        }
        return object
    }

    func json() throws(APIFailure) -> JSONValue {
        if request.contentType == "application/vnd.kubernetes.protobuf" { return try KubernetesProtobuf.decode(request.body) }
        do {
            return try JSONReader.read(request.body)
        } catch {
            guard request.contentType.contains("yaml") else { throw .badRequest("the body is not JSON: \(error)") }
            do {
                return JSONValue(try Yams.compose(yaml: String(decoding: request.body, as: UTF8.self)))
            } catch { throw .badRequest("the body is neither JSON nor YAML: \(error)") }
        }
    }

    /// From the body, which wins, or the query.
    func deleteOptions() throws(APIFailure) -> DeleteOptions {
        let body = request.body.isEmpty ? JSONValue.object([:]) : try json()
        var options = DeleteOptions()
        if let text = body["propagationPolicy"].string ?? request.query["propagationPolicy"] {
            guard let policy = DeleteOptions.Propagation(rawValue: text) else { throw .badRequest("invalid propagationPolicy: \(text)") }
            options.propagation = policy
        } else if body["orphanDependents"].bool == true {
            options.propagation = .orphan
        }
        options.gracePeriodSeconds = body["gracePeriodSeconds"].int ?? request.query["gracePeriodSeconds"].flatMap { Int($0) }
        options.preconditions = body["preconditions"]
        options.dryRun = request.isDryRun || body["dryRun"].array.contains("All")
        return options
    }
}

extension JSONValue {
    /// From a YAML document.
    fileprivate init(_ node: Node?) {
        switch node {
        case .none, .alias: self = .null
        case .scalar(let scalar):
            let node = Node.scalar(scalar)
            if node.null != nil {
                self = .null
            } else if scalar.style == .plain, let value = node.bool {
                self = .bool(value)
            } else if scalar.style == .plain, let value = node.int {
                self = JSONValue(value)
            } else if scalar.style == .plain, let value = node.float {
                self = .number(value)
            } else {
                self = .string(scalar.string)
            }
        case .sequence(let sequence): self = .array(sequence.map { JSONValue($0) })
        case .mapping(let mapping):
            self = .object(Dictionary(mapping.map { ($0.key.string ?? "", JSONValue($0.value)) }) { $1 })
        }
    }
}
