/// With what a store's owner signs in to its administration; prints as `<redacted>`.
package struct AdminCredentials: Sendable, Equatable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    package let user: String
    package let password: String
    /// `nil` where the store's image takes no tokens, and for a store that no attempt has touched since there are some.
    package let signInKey: AdminSignInKey?

    package init(user: String, password: String, signInKey: AdminSignInKey? = nil) {
        self.user = user
        self.password = password
        self.signInKey = signInKey
    }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
}
