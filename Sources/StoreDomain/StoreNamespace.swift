/// A Kubernetes namespace that may hold a store: `store-` and a DNS-1123 slug, at most 63 characters.
package struct StoreNamespace: Hashable, Sendable, LosslessStringConvertible {
    package static let prefix = "store-"

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

    /// The namespace of this slug.
    package init(_ slug: StoreSlug) { self.init(slug: slug.rawValue) }

    /// The namespace that a store of this name gets when nothing stands in the way.
    package static func preferred(for name: StoreName) -> StoreNamespace { StoreNamespace(StoreSlug(of: name.rawValue)) }

    /// The namespace that it gets otherwise: `store-<slug>-<first 6 of id>`.
    package static func suffixed(for name: StoreName, id: StoreID) -> StoreNamespace {
        StoreNamespace(slug: StoreSlug(of: name.rawValue).rawValue + "-" + id.rawValue.prefix(6))
    }

    /// The slug: what follows `store-`; the first label of the store's host.
    package var slug: String { String(rawValue.dropFirst(Self.prefix.count)) }

    package var description: String { rawValue }
}
