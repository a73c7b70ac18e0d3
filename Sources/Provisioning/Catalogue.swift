package import Cluster
import Foundation
package import Observation
package import StoreDomain

/// What a customer's browser asks for first: the shop's list of products, over the shop's public API and the API server's proxy.
package struct Catalogue: Sendable {
    let kubernetes: KubernetesClient
    let engine: Engine
    /// `/api/v1/namespaces/x/services/name:port/proxy`.
    let service: String

    /// `nil` when there is no Service to ask.
    package init?(_ engine: Engine, in namespace: StoreNamespace, view: NamespaceView, kubernetes: KubernetesClient) {
        guard let shop = view.shopService, let port = shop.port else { return nil }
        self.kubernetes = kubernetes
        self.engine = engine
        service = "/api/v1/namespaces/\(namespace)/services/\(shop.name):\(port)/proxy"
    }

    /// `nil` when the catalogue is served, else what is wrong with it. `needsProduct`: whether an empty one is wrong.
    package func complaint(needsProduct: Bool) async throws -> String? {
        do throws(Unserved) {
            let products: [JSON]
            switch engine {
            case .woocommerce:
                let answer = try await ask("/wp-json/wc/store/v1/products?per_page=1")
                guard case .array(let list) = answer else { throw Unserved(reason: "its catalogue is no list of products") }
                products = list
            case .medusa:
                let config = try await ask("/storefront/config")
                guard let key = config["publishableKey"].string else { throw Unserved(reason: "it has no publishable key") }
                let answer = try await ask("/store/products?limit=1", headers: ["x-publishable-api-key": key])
                guard case .array(let list) = answer["products"] else { throw Unserved(reason: "its catalogue is no list of products") }
                products = list
            }
            return needsProduct && products.isEmpty ? "its catalogue is empty" : nil
        } catch {
            try Task.checkCancellation()
            return error.reason
        }
    }

    private struct Unserved: Error { let reason: String }

    private func ask(_ path: String, headers: [String: String] = [:]) async throws(Unserved) -> JSON {
        let answer: (status: Int, body: String)
        do throws(ClusterError) {
            answer = try await kubernetes.text(service + path, headers: headers)
        } catch { throw Unserved(reason: error.message) }
        guard answer.status == 200 else { throw Unserved(reason: "it answers \(path) with status \(answer.status)") }
        guard let json = try? JSON(data: Data(answer.body.utf8)) else {
            throw Unserved(reason: "it answers \(path) with something that is no JSON")
        }
        return json
    }
}
