/// A Kubernetes namespace that may hold a store: `store-` and a DNS-1123 slug, at most 63 characters.
package struct StoreNamespace: Hashable, Sendable, CustomStringConvertible {
    package static let prefix = "store-"
    /// Longest slug: leaves room for the prefix, a suffix of 7 and, in host names, labels that charts put before it.
    package static let maximumSlugLength = 40

    package let rawValue: String

    /// `nil` unless `text` is `store-` followed by a DNS-1123 label remainder, 63 characters in all at most.
    package init?(_ text: String) {
        let bytes = text.utf8
        guard bytes.count <= 63, bytes.starts(with: Self.prefix.utf8) else { return nil }
        let slug = bytes.dropFirst(Self.prefix.utf8.count)
        guard let first = slug.first, let last = slug.last, first != 0x2d, last != 0x2d else { return nil }
        guard slug.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d }) else { return nil }
        rawValue = text
    }

    private init(slug: String) { rawValue = Self.prefix + slug }

    /// The namespace that a store of this name gets when nothing stands in the way.
    package static func preferred(for name: StoreName) -> StoreNamespace { StoreNamespace(slug: slug(of: name)) }

    /// The namespace that it gets otherwise: `store-<slug>-<first 6 of id>`.
    package static func suffixed(for name: StoreName, id: StoreID) -> StoreNamespace {
        StoreNamespace(slug: slug(of: name) + "-" + id.rawValue.prefix(6))
    }

    /// The slug: what follows `store-`; the first label of the store's host.
    package var slug: String { String(rawValue.dropFirst(Self.prefix.count)) }

    package var description: String { rawValue }

    /// Lower case; each run of characters outside a–z 0–9 becomes one `-`; none at either end; `store` where nothing is left.
    private static func slug(of name: StoreName) -> String {
        var slug: [UInt8] = []
        // A letter may become several, some of them ASCII: İ is i̇.
        let letters = name.rawValue.utf8.allSatisfy { $0 < 0x80 } ? name.rawValue : name.rawValue.lowercased()
        for character in letters.lowercasedASCII {
            if (0x30...0x39).contains(character) || (0x61...0x7a).contains(character) {
                slug.append(character)
            } else if !slug.isEmpty, slug.last != UInt8(ascii: "-") {
                slug.append(UInt8(ascii: "-"))
            }
        }
        slug = Array(slug.prefix(maximumSlugLength))
        while slug.last == UInt8(ascii: "-") { slug.removeLast() }
        return slug.isEmpty ? "store" : String(decoding: slug, as: UTF8.self)
    }
}

extension String {
    /// UTF-8 with A–Z in lower case.
    fileprivate var lowercasedASCII: some Sequence<UInt8> { utf8.lazy.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 } }
}
