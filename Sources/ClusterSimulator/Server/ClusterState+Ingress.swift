extension ClusterState {
    /// What the ingress controller answers for a host and a request.
    func answerIngress(host: String, _ request: StorefrontRequest) -> APIResponse {
        let name = (host.split(separator: ":").first.map(String.init) ?? "").lowercased()
        guard let (namespace, backend) = backend(host: name, path: request.path) else {
            return .text(
                """
                404: no Ingress has the host "\(name)".
                This is the ingress port of Store Weaver's cluster simulator (a development and test double). It answers for the hosts of
                stores that were created on it; see: kubectl get ingress --all-namespaces

                """,
                status: 404,
                contentType: "text/plain; charset=utf-8"
            )
        }
        guard let storefront = SimulatedStorefront(service: backend, namespace: namespace, in: self), storefront.isReady else {
            return .text(
                "503: service \"\(backend)\" in namespace \"\(namespace)\" has no ready endpoints (simulated cluster)\n",
                status: 503,
                contentType: "text/plain; charset=utf-8"
            )
        }
        return visit(storefront, request)
    }

    /// A store's answer, whichever way the request came; the faults `brokenStorefront`, `brokenCheckout` and `brokenOrder` come before it.
    func visit(_ storefront: SimulatedStorefront, _ request: StorefrontRequest) -> APIResponse {
        let response = reply(storefront, request)
        if let pod = storefront.pod { noteVisit(pod, request, status: response.status) }
        return response
    }

    private func reply(_ storefront: SimulatedStorefront, _ request: StorefrontRequest) -> APIResponse {
        if let fault = faults.strike(.brokenStorefront, namespace: storefront.namespace, random: random()) {
            return .text(fault.message ?? "the simulated store is broken\n", status: fault.status)
        }
        let kind: Fault.Kind? = [.draft: .brokenCheckout, .order: .brokenOrder][request.subject]
        if let kind, let fault = faults.strike(kind, namespace: storefront.namespace, random: random()) {
            let said = fault.message ?? "There has been a critical error on this website (simulated)."
            return .json(["code": "internal_server_error", "message": .string(said)], status: fault.status)
        }
        let owner = objects[.namespace(storefront.namespace)]?.uid ?? ""
        var ledger = ledgers[owner] ?? OrderLedger()
        defer { ledgers[owner] = ledger }
        return storefront.answer(request, in: &ledger)
    }

    /// The longest matching path of the host's rules.
    private func backend(host: String, path: String) -> (namespace: String, service: String)? {
        var best: (length: Int, namespace: String, service: String)?
        for ingress in objects.list(.ingresses) where !ingress.isTerminating {
            for rule in ingress.spec["rules"].array where rule["host"].string == host {
                for entry in rule["http"]["paths"].array {
                    guard let service = entry["backend"]["service"]["name"].string else { continue }
                    let prefix = entry["path"].string ?? "/"
                    guard Self.matches(path, prefix, isExact: entry["pathType"].string == "Exact") else { continue }
                    if prefix.count > best?.length ?? -1 { best = (prefix.count, ingress.namespace, service) }
                }
            }
        }
        return best.map { ($0.namespace, $0.service) }
    }

    private static func matches(_ path: String, _ prefix: String, isExact: Bool) -> Bool {
        if path == prefix { return true }
        guard !isExact else { return false }
        let stem = prefix.hasSuffix("/") ? prefix : prefix + "/"
        return path.hasPrefix(stem)
    }
}
