/// Decodes what Helm and kubectl send as protobuf only: release Secrets, DeleteOptions, and what the commonest `kubectl create`
/// commands make.
///
/// The field numbers are those of `generated.proto` in k8s.io/api/core/v1 and k8s.io/apimachinery.
enum KubernetesProtobuf {
    private static let magic: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

    /// A `runtime.Unknown` after the magic: TypeMeta (1) and the object's bytes (2).
    static func decode(_ body: [UInt8]) throws(APIFailure) -> JSONValue {
        guard body.starts(with: magic) else { throw ProtobufReader.malformed }
        var type: JSONValue = .object([:])
        var raw: ArraySlice<UInt8> = []
        var reader = ProtobufReader(body.dropFirst(magic.count))
        while let (number, value) = try reader.next() {
            guard case .bytes(let bytes) = value else { continue }
            if number == 1 { type = try message(bytes, [1: .text("apiVersion"), 2: .text("kind")]) }
            if number == 2 { raw = bytes }
        }
        var object = try message(raw, schema(type["kind"].string ?? ""))
        object["apiVersion"] = type["apiVersion"]
        object["kind"] = type["kind"]
        return object
    }

    private indirect enum Field {
        case text(String)
        case number(String)
        case flag(String)
        case texts(String)
        /// A map of texts.
        case map(String)
        /// A map of bytes, which JSON shows in base64.
        case bytesMap(String)
        case message(String, [Int: Field])
        /// A map of messages of which only one text matters, such as quantities.
        case messageMap(String, Int)
        case messages(String, [Int: Field])
    }

    private static func schema(_ kind: String) throws(APIFailure) -> [Int: Field] {
        switch kind {
        case "Secret":
            [1: .message("metadata", metadata), 2: .bytesMap("data"), 3: .text("type"), 4: .map("stringData"), 5: .flag("immutable")]
        case "ConfigMap": [1: .message("metadata", metadata), 2: .map("data"), 3: .bytesMap("binaryData"), 4: .flag("immutable")]
        case "Namespace": [1: .message("metadata", metadata), 2: .message("spec", [1: .texts("finalizers")])]
        case "ServiceAccount": [1: .message("metadata", metadata)]
        case "ResourceQuota":
            [1: .message("metadata", metadata), 2: .message("spec", [1: .messageMap("hard", 1), 2: .texts("scopes")])]
        case "DeleteOptions":
            [
                1: .number("gracePeriodSeconds"), 2: .message("preconditions", [1: .text("uid"), 2: .text("resourceVersion")]),
                3: .flag("orphanDependents"), 4: .text("propagationPolicy"), 5: .texts("dryRun"),
            ]
        default: throw .unsupportedMediaType("application/vnd.kubernetes.protobuf of \(kind)")
        }
    }

    private static let metadata: [Int: Field] = [
        1: .text("name"), 2: .text("generateName"), 3: .text("namespace"), 5: .text("uid"), 6: .text("resourceVersion"),
        11: .map("labels"), 12: .map("annotations"), 14: .texts("finalizers"),
        13: .messages(
            "ownerReferences",
            [
                1: .text("kind"), 3: .text("name"), 4: .text("uid"), 5: .text("apiVersion"), 6: .flag("controller"),
                7: .flag("blockOwnerDeletion"),
            ]
        ),
    ]

    private static func message(_ bytes: ArraySlice<UInt8>, _ fields: [Int: Field]) throws(APIFailure) -> JSONValue {
        var object: JSONValue = .object([:])
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            guard let field = fields[number] else { continue }
            switch (field, value) {
            case (.text(let name), .bytes(let bytes)): if !bytes.isEmpty { object[name] = .string(text(bytes)) }
            case (.number(let name), .varint(let value)): object[name] = .integer(Int64(bitPattern: value))
            case (.flag(let name), .varint(let value)): object[name] = .bool(value != 0)
            case (.texts(let name), .bytes(let bytes)): object[name] = .array(object[name].array + [.string(text(bytes))])
            case (.map(let name), .bytes(let bytes)):
                let (key, value) = try entry(bytes)
                object[name][key] = .string(text(value))
            case (.bytesMap(let name), .bytes(let bytes)):
                let (key, value) = try entry(bytes)
                object[name][key] = .string(Base64.encode(Array(value)))
            case (.messageMap(let name, let number), .bytes(let bytes)):
                let (key, value) = try entry(bytes)
                object[name][key] = try message(value, [number: .text("text")])["text"]
            case (.message(let name, let inner), .bytes(let bytes)): object[name] = try message(bytes, inner)
            case (.messages(let name, let inner), .bytes(let bytes)):
                object[name] = .array(object[name].array + [try message(bytes, inner)])
            default: continue
            }
        }
        return object
    }

    private static func entry(_ bytes: ArraySlice<UInt8>) throws(APIFailure) -> (String, ArraySlice<UInt8>) {
        var key = ""
        var content: ArraySlice<UInt8> = []
        var reader = ProtobufReader(bytes)
        while let (number, value) = try reader.next() {
            guard case .bytes(let bytes) = value else { continue }
            if number == 1 { key = text(bytes) }
            if number == 2 { content = bytes }
        }
        return (key, content)
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
