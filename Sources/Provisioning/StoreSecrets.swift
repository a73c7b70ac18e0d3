import Cluster
import Foundation
import StoreDomain

/// A generated secret; prints as `<redacted>`.
package struct SecretText: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package let value: String

    package init(value: String) { self.value = value }

    /// Letters and digits, about 190 bits, from the system's generator.
    package static func random() -> SecretText {
        var generator = SystemRandomNumberGenerator()
        let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return SecretText(value: String((0..<32).map { _ in characters[Int.random(in: 0..<characters.count, using: &generator)] }))
    }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
}

/// The Secrets that a store has before its chart, made once: a database keeps its first password for good.
enum StoreSecrets {
    static func names(of store: Store) -> [String] {
        switch store.engine {
        case .woocommerce: ["mysql-secret", "wordpress-secret"]
        case .medusa: ["\(store.id)-secret"]
        }
    }

    /// The keys of the Secret `name`; what is `nil` is generated.
    private static func keys(of name: String) -> [(String, String?)] {
        switch name {
        case "mysql-secret": [("mysql-root-password", nil), ("mysql-password", nil)]
        case "wordpress-secret":
            [("admin-user", "admin"), ("admin-email", "admin@example.com"), ("admin-password", nil)]
                + ["auth", "secure-auth", "logged-in", "nonce"].flatMap { [($0 + "-key", nil), ($0 + "-salt", nil)] }
        default:
            [
                ("postgres-password", nil), ("redis-password", nil), ("jwt-secret", nil), ("cookie-secret", nil),
                ("admin-email", "admin@example.com"), ("admin-password", nil),
            ]
        }
    }

    /// Which Secret has the administrator, and under which keys. `signIn`: what only the store and the platform know, of which the store's image
    /// makes the key of sign-in tokens.
    static func administrator(of store: Store) -> (secret: String, user: String, password: String, signIn: String) {
        switch store.engine {
        case .woocommerce: ("wordpress-secret", "admin-user", "admin-password", "nonce-salt")
        case .medusa: ("\(store.id)-secret", "admin-email", "admin-password", "jwt-secret")
        }
    }

    /// `fence`: of the attempt that makes it.
    static func object(_ name: String, of store: Store, by fence: Fence) -> JSON {
        let data = keys(of: name).map { ($0, JSON.string($1 ?? SecretText.random().value)) }
        return [
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": [
                "name": .string(name), "labels": .object(labels(of: store)),
                "annotations": [StoreLabels.attempt: .string(fence.description)],
            ],
            "stringData": .object(Dictionary(uniqueKeysWithValues: data)),
        ]
    }

    static func labels(of store: Store) -> [String: JSON] {
        [
            StoreLabels.managedBy: .string(StoreLabels.manager), StoreLabels.storeID: .string(store.id.rawValue),
            StoreLabels.engine: .string(store.engine.rawValue),
        ]
    }
}

extension JSON {
    /// With the member at that path, made where it is missing.
    func setting(_ path: [String], to value: JSON) -> JSON {
        guard let key = path.first else { return value }
        var members: [String: JSON] = if case .object(let members) = self { members } else { [:] }
        members[key] = self[key].setting(Array(path.dropFirst()), to: value)
        return .object(members)
    }

    /// A Secret's value, of which `data` has the base64; `nil` for what is no text.
    package var decodedText: String? { string.flatMap { Data(base64Encoded: $0) }.flatMap { String(data: $0, encoding: .utf8) } }

    /// Whether the object has our label and this store's.
    func belongs(to store: Store) -> Bool {
        label(StoreLabels.managedBy) == StoreLabels.manager && label(StoreLabels.storeID) == store.id.rawValue
    }
}
