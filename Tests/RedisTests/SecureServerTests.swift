import Foundation
import TestSupport
import Testing

@testable import Redis

/// A Redis that speaks TLS alone, and wants to know its clients.
private struct SecureRedis {
    let folder: String
    let port: Int

    /// `subject`: what its certificate is for.
    static func run(subject: String = "DNS:redis.test", _ body: (SecureRedis) async throws -> Void) async throws {
        let folder = "/tmp/sw-tls-\(UUID().uuidString.prefix(8).lowercased())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await makeCertificates(in: folder, subject: subject)
        let it = try await start(in: folder)
        do {
            try await body(it)
        } catch {
            try await it.end()
            throw error
        }
        try await it.end()
    }

    /// On a port that nobody has.
    private static func start(in folder: String) async throws -> SecureRedis {
        for attempt in 1...20 {
            let it = SecureRedis(folder: folder, port: Int.random(in: 10_000...29_999))
            let log = folder + "/log\(attempt)"
            try await PrivateServer.run(
                "/usr/bin/env",
                [
                    "redis-server", "--port", "0", "--tls-port", "\(it.port)", "--bind", "127.0.0.1", "--daemonize", "yes", "--dir", folder,
                    "--save", "",
                    "--tls-cert-file", folder + "/server.crt", "--tls-key-file", folder + "/server.key", "--tls-ca-cert-file",
                    folder + "/ca.crt",
                    "--tls-auth-clients", "yes", "--requirepass", "secret", "--pidfile", folder + "/pid", "--logfile", log,
                ]
            )
            let end = ContinuousClock.now + .seconds(20)
            while ContinuousClock.now < end {
                let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
                if text.contains("Ready to accept connections") { return it }
                if text.contains("Failed listening") { break }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        throw TestSupportError(message: "no Redis with TLS could be started in \(folder)")
    }

    /// `name`: what the certificate is to be for; it is for `redis.test`.
    func url(_ more: String = "", name: String? = "redis.test") -> String {
        "rediss://:secret@127.0.0.1:\(port)?ssl_ca_certs=\(folder)/ca.crt" + (name.map { "&ssl_server_name=" + $0 } ?? "") + more
    }

    var client: String { "&ssl_certfile=\(folder)/client.crt&ssl_keyfile=\(folder)/client.key" }

    private static func makeCertificates(in folder: String, subject: String) async throws {
        func openssl(_ arguments: String) async throws {
            try await PrivateServer.run("/usr/bin/env", ["openssl"] + arguments.split(separator: " ").map(String.init))
        }
        try await openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout \(folder)/ca.key -out \(folder)/ca.crt")
        for (name, subject) in [("server", subject), ("client", "DNS:client.test")] {
            try await openssl("req -newkey rsa:2048 -nodes -subj /CN=\(name) -keyout \(folder)/\(name).key -out \(folder)/\(name).csr")
            try "subjectAltName=\(subject)\n".write(toFile: folder + "/\(name).ext", atomically: true, encoding: .utf8)
            try await openssl(
                "x509 -req -days 2 -in \(folder)/\(name).csr -CA \(folder)/ca.crt -CAkey \(folder)/ca.key -CAcreateserial -extfile \(folder)/\(name).ext -out \(folder)/\(name).crt"
            )
        }
    }

    private func end() async throws {
        let text = try String(contentsOfFile: folder + "/pid", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        try await PrivateServer.run("/bin/kill", [text])
    }
}

@Suite(.timeLimit(.minutes(20))) struct SecureServerTests {
    @Test("speaks TLS to a Redis that has nothing else: small and large, many at once, and over a line that blocks") func secure()
        async throws
    {
        try await SecureRedis.run { server in
            let configuration = try RedisConfiguration(
                url: server.url(server.client + "&db=3"),
                clientName: "tests",
                // Forty callers share four connections, each with a handshake first, while all other tests run beside: it is not their time that is looked at.
                acquireTimeout: .seconds(60)
            )
            let client = RedisClient(configuration: configuration)
            let large = String(repeating: "0123456789abcdef", count: 200_000)
            try await client.command(["SET", "large", large])
            #expect(try await client.command(["GET", "large"]).string == large)
            #expect(try await client.command(["CLIENT", "INFO"]).string?.contains("db=3") == true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let reply = try await client.command(["ECHO", "\(number)"], deadline: .seconds(60))
                        #expect(reply == .string("\(number)"))
                    }
                }
                try await group.waitForAll()
            }
            let line = client.line()
            async let popped = line.command(["BLPOP", "list", "5"], deadline: .seconds(10))
            try await client.command(["RPUSH", "list", "x"])
            #expect(try await popped == .array([.string("list"), .string("x")]))
            await line.close()
            await client.close()
        }
    }

    @Test("a certificate that is not right is refused, and so is who has none") func refusals() async throws {
        try await SecureRedis.run { server in
            let good = try await RedisConnection.open(RedisConfiguration(url: server.url(server.client), clientName: "tests"))
            #expect(try await good.command(["PING"]) == .string("PONG"))
            await good.close()
            let urls = [
                ("another name", server.url(server.client, name: "other.test")), ("its address", server.url(server.client, name: nil)),
                ("no client certificate", server.url()),
                ("an unknown authority", "rediss://:secret@127.0.0.1:\(server.port)?ssl_server_name=redis.test"),
                ("no TLS", "redis://:secret@127.0.0.1:\(server.port)"),
            ]
            for (name, url) in urls {
                await #expect(throws: RedisError.self, "\(name)") {
                    try await RedisConnection.open(RedisConfiguration(url: url, clientName: "tests"))
                }
            }
            let wrong = server.url(server.client).replacing(":secret@", with: ":wrong@")
            await #expect { try await RedisConnection.open(RedisConfiguration(url: wrong, clientName: "tests")) } throws: {
                ($0 as? RedisError)?.problem == "Redis does not know the user and password of REDIS_URL"
            }
            let none = server.url(server.client).replacing(":secret@", with: "")
            let connection = try? await RedisConnection.open(RedisConfiguration(url: none, clientName: "tests"))
            await #expect {
                guard let connection else { throw RedisError(reply: "NOAUTH x") }
                try await connection.command(["PING"])
            } throws: { ($0 as? RedisError)?.problem == "Redis wants a password, and REDIS_URL has none" }
        }
    }

    @Test(
        "a certificate is for the name that is asked for, or for the address where that is asked for, not for either",
        arguments: [
            ("IP:127.0.0.1", "redis.test", false), ("DNS:other.test,IP:127.0.0.1", "redis.test", false), ("IP:127.0.0.1", nil, true),
            ("DNS:*.test", "redis.test", true), ("DNS:*.test", "deep.redis.test", false), ("IP:127.0.0.2,DNS:127.0.0.1", nil, false),
        ] as [(String, String?, Bool)]
    )
    func names(subject: String, name: String?, isRight: Bool) async throws {
        try await SecureRedis.run(subject: subject) { server in
            let url = server.url(server.client, name: name)
            guard isRight else {
                await #expect { try await RedisConnection.open(RedisConfiguration(url: url, clientName: "tests")) } throws: {
                    ($0 as? RedisError)?.code == .connection && "\($0)".contains("TLS")
                }
                return
            }
            let connection = try await RedisConnection.open(RedisConfiguration(url: url, clientName: "tests"))
            #expect(try await connection.command(["PING"]) == .string("PONG"))
            await connection.close()
        }
    }

    @Test(
        "each sick server has its own words",
        arguments: [
            ("NOAUTH Authentication required.", "password"), ("WRONGPASS invalid username-password pair", "does not know"),
            ("READONLY You can't write against a read only replica.", "replica"),
            ("MISCONF Redis is configured to save RDB snapshots", "disk"),
            ("OOM command not allowed when used memory > 'maxmemory'.", "memory"), ("NOPERM this user has no permissions", "may not"),
            ("ERR AUTH <password> called without any password configured", "none set"),
            ("LOADING Redis is loading the dataset", "starting"),
        ]
    )
    func words(reply: String, word: String) { #expect(RedisError(reply: reply).problem?.contains(word) == true) }

    @Test("bytes that are no UTF-8 are no text") func bytes() async throws {
        try await TestRedis.withRedis { configuration async throws in
            let client = RedisClient(configuration: configuration)
            try await client.command(["EVAL", "return redis.call('SET', 'k', '\\255\\254')", "0"])
            #expect(try await client.command(["GET", "k"]) == .unreadable)
            #expect(try await client.command(["PING"]) == .string("PONG"))
            await client.close()
        }
    }
}
