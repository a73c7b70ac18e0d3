/// Where stores are reached: the scheme, the host suffix and, for a cluster on an unusual port, that port.
package struct StoreAddressing: Sendable, Equatable {
    package enum Scheme: String, Sendable { case http, https }

    package let scheme: Scheme
    /// Begins with a dot, e.g. `.localhost`.
    package let suffix: String
    /// `nil` for the scheme's own port.
    package let port: Int?

    package init(scheme: Scheme, suffix: String, port: Int? = nil) {
        self.scheme = scheme
        self.suffix = suffix.hasPrefix(".") ? suffix : "." + suffix
        self.port = port
    }

    /// The namespace without `store-`, plus the suffix.
    package func host(for namespace: StoreNamespace) -> String { namespace.slug + suffix }

    package func url(for namespace: StoreNamespace) -> String {
        scheme.rawValue + "://" + host(for: namespace) + (port.map { ":\($0)" } ?? "")
    }
}
