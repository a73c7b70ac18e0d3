import Foundation
import Yams

/// What kubectl would use of one or several kubeconfig files: the current context's cluster and user. Each field that kubectl reads is here, or is
/// refused by its name; what only concerns its own comfort (`preferences`, `extensions`, a context's `namespace`, `disable-compression`) is not.
struct Kubeconfig: Sendable {
    /// Bytes in the file itself, or in another one, which may be written anew while we run.
    enum Material: Sendable, Equatable {
        case data([UInt8])
        case file(String)
    }

    struct Cluster: Sendable {
        /// Without a slash at the end.
        var server: String
        /// What its certificate is for, where that is not the server's host.
        var serverName: String?
        var authority: Material?
        var verifies = true
        /// `nil`: as the environment has it.
        var proxy: String?
    }

    struct User: Sendable {
        var certificate: Material?
        var key: Material?
        var token: String?
        /// Counts more than the token.
        var tokenFile: String?
        var name: (user: String, password: String)?
        /// As whom it acts.
        var impersonation: Impersonation?
        var plugin: ExecPlugin?
    }

    struct Impersonation: Sendable, Equatable {
        var user: String
        var uid: String?
        var groups: [String] = []
        var extra: [String: [String]] = [:]

        /// `Impersonate-…`
        var headers: [(String, String)] {
            var headers = [("Impersonate-User", user)]
            if let uid { headers.append(("Impersonate-Uid", uid)) }
            for group in groups { headers.append(("Impersonate-Group", group)) }
            let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._"))
            for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
                let name = key.lowercased().addingPercentEncoding(withAllowedCharacters: plain) ?? key
                for value in values { headers.append(("Impersonate-Extra-" + name, value)) }
            }
            return headers
        }
    }

    let cluster: Cluster
    let user: User
}

extension Kubeconfig {
    /// `paths`: of KUBECONFIG; those that are not there are left out, and of two of one name the first counts, as kubectl has it. Throws
    /// `.configuration`, which names the file.
    init(paths: [String]) throws(ClusterError) {
        let files = FileManager.default
        let present = paths.filter { files.fileExists(atPath: $0) }
        let named = paths.joined(separator: ":")
        guard !present.isEmpty else { throw Self.wrong(named, "cannot be read") }
        var sources: [(path: String, file: [String: Any])] = []
        for path in present { sources.append((path, try Self.file(path))) }

        /// The entry, and the folder that its paths begin in.
        func entry(_ list: String, _ kind: String, _ name: String) -> (fields: Fields, path: String)? {
            for source in sources {
                let entries = source.file[list] as? [[String: Any]] ?? []
                if let found = entries.first(where: { $0["name"] as? String == name }), let fields = found[kind] as? [String: Any] {
                    return (Fields(fields, of: source.path), source.path)
                }
            }
            return nil
        }
        guard let current = sources.lazy.compactMap({ $0.file["current-context"] as? String }).first(where: { !$0.isEmpty }),
            let context = entry("contexts", "context", current)?.fields
        else { throw Self.wrong(named, "has no current context") }
        guard let cluster = try context.text("cluster").flatMap({ entry("clusters", "cluster", $0) }),
            let server = try cluster.fields.text("server")
        else {
            throw Self.wrong(named, "has no server for its current context")
        }
        self.cluster = try Self.cluster(cluster.fields, server: server)
        if let found = try context.text("user").flatMap({ entry("users", "user", $0) }) {
            user = try Self.user(found.fields, self.cluster)
        } else {
            user = User()
        }
    }

    private static func file(_ path: String) throws(ClusterError) -> [String: Any] {
        guard let data = FileManager.default.contents(atPath: path) else { throw wrong(path, "cannot be read") }
        guard let text = String(validating: data, as: UTF8.self) else { throw wrong(path, "is not UTF-8") }
        let root: Any?
        do { root = try Yams.load(yaml: text) } catch { throw wrong(path, "is no YAML: \(error)") }
        guard let file = root as? [String: Any] else { throw wrong(path, "is no YAML object") }
        return file
    }

    private static func cluster(_ fields: Fields, server: String) throws(ClusterError) -> Cluster {
        guard let url = URLComponents(string: server.contains("://") ? server : "https://" + server),
            ["http", "https"].contains(url.scheme ?? ""),
            url.host != nil, let text = url.string
        else { throw fields.wrong("has a server that is no http or https address") }
        var cluster = Cluster(server: text.hasSuffix("/") ? String(text.dropLast()) : text)
        cluster.serverName = try fields.text("tls-server-name")
        cluster.authority = try fields.material("certificate-authority")
        cluster.verifies = try fields.flag("insecure-skip-tls-verify") != true
        guard cluster.verifies || cluster.authority == nil else {
            throw fields.wrong("has insecure-skip-tls-verify beside a certificate-authority: one of them is too much")
        }
        cluster.proxy = try fields.text("proxy-url")
        return cluster
    }

    private static func user(_ fields: Fields, _ cluster: Cluster) throws(ClusterError) -> User {
        guard fields["auth-provider"] == nil else {
            throw fields.wrong("has an auth-provider, which kubectl has no longer: give the user exec, a token or a certificate")
        }
        var user = User()
        user.certificate = try fields.material("client-certificate")
        user.key = try fields.material("client-key")
        guard (user.certificate == nil) == (user.key == nil) else {
            throw fields.wrong("must have client-certificate and client-key, or neither")
        }
        user.token = try fields.text("token")
        user.tokenFile = try fields.text("tokenFile").map(fields.path)
        switch (try fields.text("username"), try fields.text("password")) {
        case (let name?, let password): user.name = (name, password ?? "")
        case (nil, .some): throw fields.wrong("has a password without a username")
        case (nil, nil): break
        }
        user.impersonation = try impersonation(fields)
        if let exec = fields["exec"] as? [String: Any] { user.plugin = try ExecPlugin(Fields(exec, of: fields.file), for: cluster) }
        return user
    }

    private static func impersonation(_ fields: Fields) throws(ClusterError) -> Impersonation? {
        guard let user = try fields.text("as") else {
            guard ["as-uid", "as-groups", "as-user-extra"].allSatisfy({ fields[$0] == nil }) else {
                throw fields.wrong("has as-uid, as-groups or as-user-extra without as")
            }
            return nil
        }
        var impersonation = Impersonation(user: user, uid: try fields.text("as-uid"))
        if let told = fields["as-groups"] {
            guard let groups = told as? [String] else { throw fields.wrong("has as-groups that are no list of texts") }
            impersonation.groups = groups
        }
        if let told = fields["as-user-extra"] {
            guard let extra = told as? [String: [String]] else {
                throw fields.wrong("has an as-user-extra that is no map of lists of texts")
            }
            impersonation.extra = extra
        }
        guard impersonation.headers.allSatisfy({ header in header.1.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f } }) else {
            throw fields.wrong("acts as somebody whose name cannot stand in a header")
        }
        return impersonation
    }

    private static func wrong(_ path: String, _ what: String) -> ClusterError {
        ClusterError(code: .configuration, message: "The kubeconfig \(path) \(what).")
    }

    /// One object of a file. What is empty counts as absent; what has another type than it must is refused by its name.
    struct Fields {
        private let fields: [String: Any]
        let file: String

        init(_ fields: [String: Any], of file: String) { (self.fields, self.file) = (fields, file) }

        subscript(_ name: String) -> Any? { fields[name].flatMap { $0 is NSNull ? nil : $0 } }

        func wrong(_ what: String) -> ClusterError { Kubeconfig.wrong(file, what) }

        func text(_ name: String) throws(ClusterError) -> String? {
            guard let value = self[name] else { return nil }
            guard let text = value as? String else { throw wrong("has a \(name) that is no text") }
            return text.isEmpty ? nil : text
        }

        func flag(_ name: String) throws(ClusterError) -> Bool? {
            guard let value = self[name] else { return nil }
            guard let flag = value as? Bool else { throw wrong("has a \(name) that is neither true nor false") }
            return flag
        }

        /// As its `-data`, which counts more and may have line breaks, or as a file.
        func material(_ name: String) throws(ClusterError) -> Material? {
            if let text = try text(name + "-data") {
                guard let bytes = Data(base64Encoded: text.filter { !$0.isWhitespace }), !bytes.isEmpty else {
                    throw wrong("has a \(name)-data that is no base64")
                }
                return .data(Array(bytes))
            }
            return try text(name).map { .file(path($0)) }
        }

        /// Relative to the file's folder.
        func path(_ text: String) -> String {
            URL(fileURLWithPath: text, relativeTo: URL(fileURLWithPath: file).deletingLastPathComponent()).path
        }
    }
}
