import Crypto

/// A Lua script that Redis knows by its SHA-1.
package struct RedisScript: Sendable {
    /// For logs and errors.
    package let name: String
    let source: String
    let sha1: String

    package init(name: String, source: String) {
        self.name = name
        self.source = source
        sha1 = Insecure.SHA1.hash(data: Array(source.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }

    func evalsha(keys: [String], arguments: [String]) -> [String] { ["EVALSHA", sha1, String(keys.count)] + keys + arguments }

    func eval(keys: [String], arguments: [String]) -> [String] { ["EVAL", source, String(keys.count)] + keys + arguments }
}
