package import Cluster
import Foundation
package import Observation
package import StoreDomain

/// A store's public API, asked as a visitor's browser asks it, over the API server's service proxy.
package struct Storefront: Sendable {
    /// How much of an answer is read.
    static let largestAnswer = 256 << 10

    let kubernetes: KubernetesClient
    let engine: Engine
    /// `/api/v1/namespaces/x/services/name:port/proxy`.
    let service: String

    /// `nil` when there is no Service to ask.
    package init?(_ engine: Engine, in namespace: StoreNamespace, view: NamespaceView, kubernetes: KubernetesClient) {
        guard let app = view.appService, let port = app.port else { return nil }
        self.kubernetes = kubernetes
        self.engine = engine
        service = "/api/v1/namespaces/\(namespace)/services/\(app.name):\(port)/proxy"
    }

    /// `nil` when the catalogue is served, else what is wrong with it. `needsProduct`: whether an empty one is wrong.
    package func catalogueProblem(needsProduct: Bool) async throws -> String? {
        try await problem { () async throws(Unserved) in
            let products: [JSON]
            switch engine {
            case .woocommerce: products = try await wooCommerceProducts("per_page=1")
            case .medusa:
                let (key, _) = try await medusaConfig()
                products = try await ask("its catalogue", "/store/products?limit=1", headers: key).list("products", of: "its catalogue")
            }
            if needsProduct, products.isEmpty { throw Unserved("its catalogue is empty") }
        }
    }

    /// What a visit found wrong; `nil` when it came to its end.
    func problem(_ visit: () async throws(Unserved) -> Void) async throws -> String? {
        do throws(Unserved) {
            try await visit()
            return nil
        } catch {
            try Task.checkCancellation()
            return error.reason
        }
    }

    /// WooCommerce's Store API by the parameter that works whatever the owner made of the permalinks.
    static func wooCommerce(_ route: String) -> String {
        let parts = route.split(separator: "?", maxSplits: 1)
        return "/?rest_route=/wc/store/v1/\(parts[0])" + (parts.count == 2 ? "&\(parts[1])" : "")
    }

    func wooCommerceProducts(_ query: String) async throws(Unserved) -> [JSON] {
        try await ask("its catalogue", Self.wooCommerce("products?" + query)).list(nil, of: "its catalogue")
    }

    /// The header by which the Store API knows the storefront, and the rest of its configuration.
    func medusaConfig() async throws(Unserved) -> (key: [String: String], config: JSON) {
        let config = try await ask("its configuration", "/storefront/config").json
        guard let key = config["publishableKey"].string else { throw Unserved("it has no publishable key") }
        return (["x-publishable-api-key": key], config)
    }
}

/// What a visitor would have met, in words that follow "The store runs, but".
struct Unserved: Error {
    let reason: String
    /// Whether the owner may have wanted it so: nothing for sale, guests refused. A server's error is nobody's wish.
    let mayBeWanted: Bool

    init(_ reason: String, mayBeWanted: Bool = false) {
        self.reason = reason
        self.mayBeWanted = mayBeWanted
    }
}

extension Unserved {
    /// `said`: what the store answered with, of which the first 200 characters are told.
    init(_ step: String, status: Int, said: String) {
        let words = said.plain(atMost: 200).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        self.init(
            "\(step) answers with status \(status)" + (words.isEmpty ? "" : ": \(words)"),
            mayBeWanted: (400..<500).contains(status)
        )
    }
}

/// A JSON answer with its headers, names in lower case.
struct StorefrontAnswer {
    let json: JSON
    let headers: [String: String]

    /// The list at `key`, or that the answer is.
    func list(_ key: String?, of what: String) throws(Unserved) -> [JSON] {
        guard case .array(let list) = key.map({ json[$0] }) ?? json else { throw Unserved("\(what) is no list") }
        return list
    }
}

extension Storefront {
    /// `body` makes it a POST. `step`: what a problem calls it.
    func ask(_ step: String, _ path: String, headers: [String: String] = [:], body: JSON? = nil) async throws(Unserved) -> StorefrontAnswer
    {
        let answer: (status: Int, headers: [String: String], body: String)
        do throws(ClusterError) {
            answer = try await kubernetes.visit(service + path, headers: headers, body: body, limit: Self.largestAnswer)
        } catch { throw Unserved("\(step) does not answer: \(error.message)") }
        let json = try? JSON(data: Data(answer.body.utf8))
        guard [200, 201].contains(answer.status) else {
            throw Unserved(step, status: answer.status, said: json?["message"].string ?? answer.body)
        }
        guard let json else { throw Unserved("\(step) answers with something that is no JSON") }
        return StorefrontAnswer(json: json, headers: answer.headers)
    }
}
