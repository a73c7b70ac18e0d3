import StoreDomain

extension MailServer {
    /// The keys that the stores' images read.
    var data: [String: String] {
        [
            "host": host, "port": String(port), "tls": security.rawValue, "from": from, "user": account?.user ?? "",
            "password": account?.password ?? "",
        ]
    }
}
