/// The labels and annotations by which we know what is ours.
package enum StoreLabels {
    package static let managedBy = "app.kubernetes.io/managed-by"
    package static let manager = "store-weaver"
    /// What all of ours begin with.
    package static let domain = "store-weaver.dev/"
    package static let storeID = "store-weaver.dev/store-id"
    package static let engine = "store-weaver.dev/engine"
    /// Annotations of the namespace: how its owner calls the store, and who that is.
    package static let storeName = "store-weaver.dev/store-name"
    package static let owner = "store-weaver.dev/owner"
    package static let component = "app.kubernetes.io/component"
    /// The components that serve a store. Its namespace may hold others: tasks, `helm test`, policies.
    package static let servingComponents: Set = ["app", "database", "cache", "storefront"]
    package static let digest = "store-weaver.dev/digest"
    package static let engineVersion = "store-weaver.dev/engine-version"
    package static let sampleProducts = "store-weaver.dev/sample-products"
    /// Annotation of the app: `true` where its image signs its administrator in by a token of the platform's.
    package static let adminSession = "store-weaver.dev/admin-session"
    /// Which attempt made an object: `number/id` as an annotation, `number.id` as a label.
    package static let attempt = "store-weaver.dev/attempt"
    /// Annotation of the Secret with the administrator's password: which wish for a new one it fulfils.
    package static let adminRevision = "store-weaver.dev/admin-revision"
}
