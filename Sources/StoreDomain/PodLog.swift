/// What somebody wants to read of a store's pods.
package struct PodLogRequest: Sendable, Equatable {
    /// Random.
    package var id: String
    package var store: StoreID
    package var namespace: StoreNamespace
    /// A container's name, or `pod/container`; `nil`: the store's own.
    package var container: String?
    /// How many of the last lines, 0…5000.
    package var tail: Int
    /// Whether lines that are written later are wanted, too.
    package var follows: Bool

    package init(id: String, store: StoreID, namespace: StoreNamespace, container: String?, tail: Int, follows: Bool) {
        self.id = id
        self.store = store
        self.namespace = namespace
        self.container = container
        self.tail = tail
        self.follows = follows
    }
}

/// One container of a pod, by both names.
package struct PodContainer: Sendable, Equatable, Codable {
    package var pod: String
    package var container: String

    package init(pod: String, container: String) {
        self.pod = pod
        self.container = container
    }
}

/// A piece of the answer, in order.
package struct PodLogChunk: Sendable, Equatable, Codable {
    /// In the first: which log this is, and which there are.
    package var source: PodContainer?
    package var containers: [PodContainer]?
    package var lines: [String]
    /// Nothing follows.
    package var isLast: Bool
    /// For people: why there is nothing, or no more.
    package var error: String?

    package init(
        source: PodContainer? = nil,
        containers: [PodContainer]? = nil,
        lines: [String] = [],
        isLast: Bool = false,
        error: String? = nil
    ) {
        self.source = source
        self.containers = containers
        self.lines = lines
        self.isLast = isLast
        self.error = error
    }
}
