import AsyncHTTPClient
import Foundation
import Program
import StoreDomain

/// By way of whom the API server is reached.
enum ClusterProxy {
    /// `proxy-url` counts; else HTTPS_PROXY or HTTP_PROXY by the server's scheme, unless NO_PROXY has the server, as Go's programs read them. Throws
    /// `.configuration` for a proxy that cannot be used.
    static func find(for cluster: Kubeconfig.Cluster, environment: [String: String]) throws(ClusterError) -> HTTPClient.Configuration.Proxy?
    {
        guard let server = URLComponents(string: cluster.server), let host = server.host else { return nil }
        func variable(_ name: String) -> String? {
            [name, name.lowercased()].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        if let told = cluster.proxy { return try proxy(told, "proxy-url") }
        let name = server.scheme == "https" ? "HTTPS_PROXY" : "HTTP_PROXY"
        let plain = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        guard let told = variable(name), !isExcepted(plain, port: server.port, by: variable("NO_PROXY") ?? "") else { return nil }
        return try proxy(told, name)
    }

    static func isExcepted(_ host: String, port: Int?, by list: String) -> Bool {
        if host == "localhost" || host == "::1" || (host.hasPrefix("127.") && NetworkAddress(host) != nil) { return true }
        return list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }.contains { entry in
            if entry == "*" { return true }
            if let range = AddressRange(entry) { return range.contains(host) }
            let parts = entry.split(separator: ":", maxSplits: 1)
            guard let name = parts.first else { return false }
            if parts.count == 2, Int(parts[1]) != port { return false }
            let domain = name.hasPrefix("*.") ? name.dropFirst() : name[...]
            return domain.hasPrefix(".")
                ? host.lowercased().hasSuffix(domain) : host.lowercased() == domain || host.lowercased().hasSuffix("." + domain)
        }
    }

    private static func proxy(_ text: String, _ name: String) throws(ClusterError) -> HTTPClient.Configuration.Proxy {
        guard let parts = URLComponents(string: text.contains("://") ? text : "http://" + text), let host = parts.host,
            let scheme = parts.scheme
        else {
            throw ClusterError(code: .configuration, message: "\(name) names no proxy.")
        }
        switch scheme {
        case "http":
            let user = parts.user.map { HTTPClient.Authorization.basic(username: $0, password: parts.password ?? "") }
            return .server(host: host, port: parts.port ?? 80, authorization: user)
        case "socks5" where parts.user == nil: return .socksServer(host: host, port: parts.port ?? 1_080)
        default:
            throw ClusterError(
                code: .configuration,
                message: "\(name) names a proxy by \(scheme); there are http, and socks5 without a user."
            )
        }
    }
}
