import Foundation
import JWTKit

/// One of an issuer's public keys.
struct OpenIDKey: Sendable {
    /// The issuer's name for it; `nil` where it gave none.
    let id: String?
    /// The key alone under each algorithm that it may be used with, which is asked whatever name a token has for it. One collection for all would
    /// keep the first algorithm that any token names.
    private let collections: [String: JWTKeyCollection]

    /// `entry`: a JSON Web Key. `nil` for what is none that signs.
    init?(_ entry: [String: Any]) async {
        id = entry["kid"] as? String
        var collections: [String: JWTKeyCollection] = [:]
        for algorithm in Self.algorithms(of: entry) {
            // The library takes no key without a name.
            let named = entry.merging(["kid": id ?? "unnamed", "alg": algorithm]) { $1 }
            guard let data = try? JSONSerialization.data(withJSONObject: named), let key = try? JSONDecoder().decode(JWK.self, from: data)
            else { return nil }
            let collection = JWTKeyCollection()
            guard (try? await collection.add(jwk: key, isDefault: true)) != nil else { return nil }
            collections[algorithm] = collection
        }
        guard !collections.isEmpty else { return nil }
        self.collections = collections
    }

    /// `nil` where the key is for no such algorithm.
    func collection(for algorithm: String?) -> JWTKeyCollection? { algorithm.flatMap { collections[$0] } }

    /// The one that the key names; else by RFC 7518 and RFC 8037 a curve has one, and an RSA key may be used with each of its kind.
    private static func algorithms(of entry: [String: Any]) -> [String] {
        if let named = entry["alg"] as? String { return [named] }
        switch (entry["kty"] as? String, entry["crv"] as? String) {
        case ("RSA", _): return ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
        case (_, "P-256"): return ["ES256"]
        case (_, "P-384"): return ["ES384"]
        case (_, "P-521"): return ["ES512"]
        case (_, "Ed25519"): return ["EdDSA"]
        default: return []
        }
    }
}
