/// Reads protobuf's wire format: numbered fields, as varints or as bytes.
struct ProtobufReader {
    enum Value {
        case varint(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    static let malformed = APIFailure.badRequest("malformed protobuf")

    /// The next field; `nil` at the end.
    mutating func next() throws(APIFailure) -> (number: Int, value: Value)? {
        guard !rest.isEmpty else { return nil }
        let tag = try varint()
        let number = Int(tag >> 3)
        switch tag & 7 {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .bytes(try take(8)))
        case 2: return (number, .bytes(try take(Int(clamping: try varint()))))
        case 5: return (number, .bytes(try take(4)))
        default: throw Self.malformed
        }
    }

    private mutating func varint() throws(APIFailure) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { throw Self.malformed }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw Self.malformed
    }

    private mutating func take(_ count: Int) throws(APIFailure) -> ArraySlice<UInt8> {
        guard count >= 0, count <= rest.count else { throw Self.malformed }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
