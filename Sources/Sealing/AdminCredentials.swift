/// With what a store's owner signs in to its administration; prints as `<redacted>`.
package struct AdminCredentials: Sendable, Equatable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    package let user: String
    package let password: String

    package init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
}
