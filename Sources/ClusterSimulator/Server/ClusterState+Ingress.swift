extension ClusterState {
    /// What the ingress controller answers for a host and a request. Where none of the host's rules fits the path, or nothing serves
    /// behind the one that does, an Ingress without a host answers if there is one, as Traefik's routers do without `allowEmptyServices`.
    func answerIngress(host: String, _ request: StorefrontRequest) -> APIResponse {
        let answer = routeIngress(host: host, request)
        return answer.served ?? answer.refusal
    }

    /// `served`: `nil` where nobody serves; `refusal` is what the controller says then by itself.
    func routeIngress(host: String, _ request: StorefrontRequest) -> (served: APIResponse?, refusal: APIResponse) {
        let name = (host.split(separator: ":").first.map(String.init) ?? "").lowercased()
        let backends = [name, ""].compactMap { backend(host: $0, path: request.path) }
        guard let first = backends.first else {
            let refusal = APIResponse.text(
                """
                404: no Ingress has the host "\(name)" with this path.
                This is the ingress port of Store Weaver's cluster simulator (a development and test double). It answers for the hosts of
                stores that were created on it; see: kubectl get ingress --all-namespaces

                """,
                status: 404,
                contentType: "text/plain; charset=utf-8"
            )
            return (nil, refusal)
        }
        let serving = backends.lazy.compactMap { SimulatedStorefront(service: $0.service, namespace: $0.namespace, in: self) }
        let refusal = APIResponse.text(
            "503: service \"\(first.service)\" in namespace \"\(first.namespace)\" has no ready endpoints (simulated cluster)\n",
            status: 503,
            contentType: "text/plain; charset=utf-8"
        )
        return (serving.first(where: \.isReady).map { visit($0, request) }, refusal)
    }

    /// A store's answer, whichever way the request came; the faults `brokenStorefront`, `brokenCheckout` and `brokenOrder` come before it.
    func visit(_ storefront: SimulatedStorefront, _ request: StorefrontRequest) -> APIResponse {
        let response = reply(storefront, request)
        if let pod = storefront.pod { noteVisit(pod, request, status: response.status) }
        return response
    }

    private func reply(_ storefront: SimulatedStorefront, _ request: StorefrontRequest) -> APIResponse {
        if let fault = faults.strike(.brokenStorefront, namespace: storefront.namespace, random: random()) {
            let said = fault.message ?? "the simulated store is broken\n"
            return .text(said + String(repeating: " ", count: fault.padding), status: fault.status)
        }
        let kind: Fault.Kind? = [.draft: .brokenCheckout, .order: .brokenOrder][request.subject]
        if let kind, let fault = faults.strike(kind, namespace: storefront.namespace, random: random()) {
            let said = fault.message ?? "There has been a critical error on this website (simulated)."
            return .json(["code": "internal_server_error", "message": .string(said)], status: fault.status)
        }
        var ledger = ledger(of: storefront.namespace)
        defer { setLedger(ledger, of: storefront.namespace) }
        return storefront.answer(request, in: &ledger)
    }

    /// The best match of the host's rules; of those without a host for an empty one. The longest path wins, and of two the exact one.
    private func backend(host: String, path: String) -> (namespace: String, service: String)? {
        var best: (rank: (Int, Int), namespace: String, service: String)?
        for ingress in objects.list(.ingresses) where !ingress.isTerminating {
            for rule in ingress.spec["rules"].array where (rule["host"].string ?? "") == host {
                for entry in rule["http"]["paths"].array {
                    guard let service = entry["backend"]["service"]["name"].string else { continue }
                    let prefix = entry["path"].string ?? "/"
                    let isExact = entry["pathType"].string == "Exact"
                    guard Self.matches(path, prefix, isExact: isExact) else { continue }
                    let rank = (prefix.count, isExact ? 1 : 0)
                    if best.map({ rank > $0.rank }) ?? true { best = (rank, ingress.namespace, service) }
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
