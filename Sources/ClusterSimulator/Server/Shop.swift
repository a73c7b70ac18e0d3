/// What stands behind a Service: the pages of a simulated shop, told by its pods' images.
struct Shop {
    enum Engine { case woocommerce, medusa, other }

    let service: String
    let namespace: String
    let name: String
    let engine: Engine
    let isReady: Bool

    /// `nil` when there is no such Service.
    init?(service: String, namespace: String, in cluster: ClusterState) {
        guard let object = cluster.objects[ObjectKey(.services, namespace, service)] else { return nil }
        self.service = service
        self.namespace = namespace
        let annotations = cluster.objects[.namespace(namespace)]?.annotations ?? [:]
        name = annotations["store-weaver.dev/store-name"] ?? namespace
        isReady = EndpointsController.hasReady(service, in: namespace, of: cluster)
        let selector = object.spec["selector"].strings
        let pods =
            selector.isEmpty
            ? [] : cluster.objects.list(.pods, namespace: namespace).filter { LabelSelector(labels: selector).matches($0.labels) }
        let images = pods.flatMap { $0.spec["containers"].array }.compactMap { $0["image"].string }.joined(separator: " ")
        if images.contains("wordpress") || images.contains("woocommerce") {
            engine = .woocommerce
        } else if images.contains("medusa") || images.contains("storefront") {
            engine = .medusa
        } else {
            engine = .other
        }
    }

    func page(_ path: String) -> APIResponse {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        switch (engine, path) {
        case (.woocommerce, "/wp-json/wc/store/v1/products"), (.woocommerce, "/wp-json/wc/store/products"):
            return .json([
                [
                    "id": 1, "name": "Simulated product", "slug": "simulated-product", "permalink": "/product/simulated-product",
                    "prices": ["price": "1900", "currency_code": "USD", "currency_minor_unit": 2], "is_purchasable": true,
                    "is_in_stock": true,
                ]
            ])
        case (.woocommerce, "/wp-json"): return .json(["name": .string(name), "description": "simulated", "namespaces": ["wc/store/v1"]])
        case (.woocommerce, "/wp-admin"), (.woocommerce, "/wp-login.php"): return html("WordPress log-in (simulated)", path)
        case (.medusa, "/health"): return .text("OK")
        case (.medusa, "/store/products"):
            return .json([
                "products": [["id": "prod_simulated", "title": "Simulated product", "handle": "simulated-product", "status": "published"]],
                "count": 1, "offset": 0, "limit": 50,
            ])
        case (.medusa, "/store/regions"):
            return .json([
                "regions": [["id": "reg_simulated", "name": "Simulated", "currency_code": "usd"]], "count": 1, "offset": 0, "limit": 50,
            ])
        case (.medusa, "/app"), (.medusa, "/app/login"): return html("Medusa admin (simulated)", path)
        default: return html("A simulated shop", path)
        }
    }

    private func html(_ title: String, _ path: String) -> APIResponse {
        let kind =
            switch engine {
            case .woocommerce: "WooCommerce"
            case .medusa: "Medusa"
            case .other: "service"
            }
        let text = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>\(Self.escaped(name)): \(title)</title>
            <style>body{font:18px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}b{background:#fd6;padding:0 .3em}</style>
            </head><body><h1>\(Self.escaped(name))</h1><p>\(title)</p>
            <p><b>This is a simulated shop.</b> Store Weaver's cluster simulator answers here in place of a \(kind) container, for development and
            tests. Nothing can be bought, and no container runs. On a real cluster the real shop answers at this address.</p>
            <p><small>namespace \(Self.escaped(namespace)), service \(Self.escaped(service)), path \(Self.escaped(path))</small></p></body></html>

            """
        return .text(text, contentType: "text/html; charset=utf-8")
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
