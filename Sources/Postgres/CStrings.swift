/// Swift strings as the NULL-able C string arrays that libpq takes; valid during the call only.
@safe enum CStrings {
    typealias Array = UnsafePointer<UnsafePointer<CChar>?>

    static func withArray<Value>(_ strings: [String?], _ body: (Array) -> Value) -> Value {
        var bytes: [CChar] = []
        var offsets: [Int?] = []
        for string in strings {
            guard let string else {
                offsets.append(nil)
                continue
            }
            offsets.append(bytes.count)
            bytes.append(contentsOf: string.utf8.lazy.map { CChar(bitPattern: $0) })
            bytes.append(0)
        }
        return unsafe bytes.withUnsafeBufferPointer { storage in
            let pointers = unsafe offsets.map { offset in unsafe offset.flatMap { unsafe storage.baseAddress?.advanced(by: $0) } } + [nil]
            return unsafe pointers.withUnsafeBufferPointer { list in
                // Never empty: the terminating nil is there.
                guard let first = list.baseAddress else { preconditionFailure("an array with an element has an address") }
                return unsafe body(first)
            }
        }
    }

    static func withArrays<Value>(_ pairs: [(String, String)], _ body: (Array, Array) -> Value) -> Value {
        unsafe withArray(pairs.map(\.0)) { keys in unsafe withArray(pairs.map(\.1)) { values in unsafe body(keys, values) } }
    }
}
