import StoreDomain

/// A text that the cluster says of an object: plain, and at most 1,000 bytes of it. Thousands are kept in memory, and some of them a store writes.
@propertyWrapper package struct Brief: Decodable, Sendable, Equatable {
    package var wrappedValue: String?

    package init(wrappedValue: String?) { self.wrappedValue = wrappedValue?.plain(atMost: 1_000) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self.init(wrappedValue: container.decodeNil() ? nil : try container.decode(String.self))
    }
}

extension KeyedDecodingContainer {
    /// For members that decoders make by themselves: one that is missing is `nil`.
    func decode(_ type: Brief.Type, forKey key: Key) throws -> Brief {
        try decodeIfPresent(type, forKey: key) ?? Brief(wrappedValue: nil)
    }
}
