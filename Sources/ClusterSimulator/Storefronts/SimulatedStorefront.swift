/// What stands behind a Service: the pages of a simulated store, told by its pods' images.
struct SimulatedStorefront {
    enum Engine { case woocommerce, medusa, other }

    let service: String
    let namespace: String
    let name: String
    let engine: Engine
    let isReady: Bool
    /// The one that answers.
    let pod: JSONValue?
    /// Whether its set-up was cut short: it serves, and sells nothing.
    let isHalfSetUp: Bool

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
        pod = pods.first(where: \.isReadyPod)
        isHalfSetUp = pod.flatMap { cluster.pods[$0.uid] }?.isHalfSetUp ?? false
        let images = pods.flatMap { $0.spec["containers"].array }.compactMap { $0["image"].string }.joined(separator: " ")
        if images.contains("wordpress") || images.contains("woocommerce") {
            engine = .woocommerce
        } else if images.contains("medusa") || images.contains("storefront") {
            engine = .medusa
        } else {
            engine = .other
        }
    }

    func answer(_ request: StorefrontRequest, in ledger: inout OrderLedger) -> APIResponse {
        let sellsNothing = isHalfSetUp || ledger.products == 0
        return switch engine {
        case .woocommerce where sellsNothing && request.subject == .catalogue: .json([])
        case .medusa where sellsNothing && request.subject == .catalogue: .json(["products": [], "count": 0, "offset": 0, "limit": 50])
        case .woocommerce: WooCommerceStorefront.answer(request, in: &ledger) ?? page(request.path)
        case .medusa: MedusaStorefront.answer(request, name: name, in: &ledger) ?? page(request.path)
        case .other: page(request.path)
        }
    }

    private func page(_ path: String) -> APIResponse {
        switch (engine, path) {
        case (.woocommerce, "/wp-json"): .json(["name": .string(name), "description": "simulated", "namespaces": ["wc/store/v1"]])
        case (.woocommerce, "/-/order"), (.woocommerce, "/-/live"), (.medusa, "/-/live"): .text("ok\n")
        case (.woocommerce, "/-/storage"), (.medusa, "/-/storage"):
            .json([
                "volumes": [
                    ["name": "database", "usedBytes": 67_108_864, "sizeBytes": 1_073_741_824],
                    ["name": "uploads", "usedBytes": 1_048_576, "sizeBytes": 1_073_741_824],
                ]
            ])
        case (.woocommerce, "/wp-admin"), (.woocommerce, "/wp-login.php"): html("WordPress log-in (simulated)", path)
        case (.medusa, "/health"): .text("OK")
        case (.medusa, "/app"), (.medusa, "/app/login"): html("Medusa admin (simulated)", path)
        default: html("A simulated store", path)
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
            <p><b>This is a simulated storefront.</b> Store Weaver's cluster simulator answers here in place of a \(kind) container, for development and
            tests. Orders placed here are play money and forgotten, and no container runs. On a real cluster the real store answers at this address.</p>
            <p><small>namespace \(Self.escaped(namespace)), service \(Self.escaped(service)), path \(Self.escaped(path))</small></p></body></html>

            """
        return .text(text, contentType: "text/html; charset=utf-8")
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
    }
}
