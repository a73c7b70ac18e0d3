/// Swift strings as the NULL-able C string arrays that libpq takes; valid during the call only.
@safe enum CStrings {
    typealias Array = UnsafePointer<UnsafePointer<CChar>?>

    /// The array ends with NULL.
    static func withArray<Value>(_ strings: [String?], _ body: (Array) -> Value) -> Value {
        let room = strings.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 1 }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { bytes in
            unsafe withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: strings.count + 1) { pointers in
                // Never empty: each string has its end, and the list its own.
                guard var next = bytes.baseAddress, let list = pointers.baseAddress else {
                    preconditionFailure("memory with a size has an address")
                }
                for (place, string) in strings.enumerated() {
                    guard var string else {
                        unsafe (list + place).initialize(to: nil)
                        continue
                    }
                    unsafe (list + place).initialize(to: next)
                    unsafe next = string.withUTF8 { text in
                        for place in text.indices { unsafe (next + place).initialize(to: CChar(bitPattern: text[place])) }
                        unsafe (next + text.count).initialize(to: 0)
                        return unsafe next + text.count + 1
                    }
                }
                unsafe (list + strings.count).initialize(to: nil)
                return unsafe body(list)
            }
        }
    }

    static func withArrays<Value>(_ pairs: [(String, String)], _ body: (Array, Array) -> Value) -> Value {
        unsafe withArray(pairs.map(\.0)) { keys in unsafe withArray(pairs.map(\.1)) { values in unsafe body(keys, values) } }
    }
}
