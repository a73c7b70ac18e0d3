import Testing
import TestSupport
import ThreadedIO

@testable import Redis

@Suite struct RedisConfigurationTests {
    @Test(
        "an address has its parts",
        arguments: [
            ("redis://localhost", "redis://localhost:6379/0"), ("redis://user:hunter2@db.example:6380/3", "redis://db.example:6380/3"),
            ("redis+unix:///run/redis.sock?db=2", "redis+unix:///run/redis.sock?db=2"), ("redis://[::1]", "redis://[::1]:6379/0"),
            ("redis://a?db=3", "redis://a:6379/3"), ("redis://a/3?db=3", "redis://a:6379/3"), ("rediss://:p@a:1", "rediss://a:1/0"),
        ]
    )
    func parsed(url: String, description: String) throws {
        #expect("\(try RedisConfiguration(url: url, clientName: "tests"))" == description)
    }

    @Test(
        "a wrong address is refused without showing its password",
        arguments: [
            "hunter2", "redis://", "redis://a/hunter2", "http://a", "redis://hunter2@a", "redis://a/2?db=3", "redis://a?database=hunter2",
            "redis://:a#hunter2@b", "redis://a?ssl_ca_certs=/x", "rediss://a?ssl_ca_certs=/nowhere/ca.pem", "rediss://a?ssl_certfile=/x",
            "redis://a?db=-1", "redis://a?db=x",
        ]
    )
    func refused(url: String) {
        #expect { try RedisConfiguration(url: url, clientName: "tests") } throws: { error in
            (error as? RedisError)?.code == .configuration && !"\(error)".contains("hunter2")
        }
    }

    @Test("an ACL user signs in with its password") func greeting() throws {
        let configuration = try RedisConfiguration(url: "redis://weaver:secret@a/2", clientName: "store api")
        #expect(configuration.greeting == [["AUTH", "weaver", "secret"], ["SELECT", "2"], ["CLIENT", "SETNAME", "store-api"]])
    }
}

@Suite struct RedisClientTests {
    @Test("replies come back as they were sent") func replies() async throws {
        try await TestRedis.withRedis { configuration async throws in
            let client = RedisClient(configuration: configuration)
            try await client.command(["SET", "key", "wert ü\r\n\0"])
            #expect(try await client.command(["GET", "key"]) == .string("wert ü\r\n\0"))
            #expect(try await client.command(["GET", "nothing"]) == .null)
            #expect(try await client.command(["INCR", "n"]) == .integer(1))
            #expect(
                try await client.command(["EVAL", "return {1, 'two', {3, false}}", "0"])
                    == .array([.integer(1), .string("two"), .array([.integer(3), .null])])
            )
            await #expect { try await client.command(["INCR", "key"]) } throws: { ($0 as? RedisError)?.code == .server(prefix: "ERR") }
            #expect(try await client.pipeline([["INCR", "n"], ["INCR", "key"], ["INCR", "n"]]).map(\.integer) == [2, nil, 3])
            await client.close()
        }
    }

    @Test("a script runs whether or not Redis knows it, alone and in a pipeline") func scripts() async throws {
        try await TestRedis.withRedis { configuration async throws in
            let client = RedisClient(configuration: configuration)
            let script = RedisScript(name: "add", source: "return redis.call('INCRBY', KEYS[1], ARGV[1])")
            #expect(try await client.run(script, keys: ["n"], arguments: ["2"]) == .integer(2))
            #expect(try await client.run(script, keys: ["n"], arguments: ["3"]) == .integer(5))
            try await client.command(["SCRIPT", "FLUSH"])
            let replies = try await client.run(script, calls: (1...3).map { ([("n")], [String($0)]) })
            #expect(replies.compactMap(\.integer).max() == 11)
            await client.close()
        }
    }

    @Test("a cancelled command never answers the next one") func cancellation() async throws {
        try await TestRedis.withRedis(poolSize: 2) { configuration async throws in
            let client = RedisClient(configuration: configuration)
            for round in 0..<300 {
                let task = Task { try await client.command(["BLPOP", "nothing", "10"], deadline: .seconds(20)) }
                if round % 3 == 0 { await Task.yield() }
                task.cancel()
                await #expect { try await task.value } throws: { ($0 as? RedisError)?.code == .cancelled }
                #expect(try await client.command(["ECHO", "\(round)"]) == .string("\(round)"))
            }
            #expect(await client.gauges.lent == 0)
            await client.close()
        }
    }

    @Test("a deadline ends the wait, and the connection with it") func deadline() async throws {
        try await TestRedis.withRedis(poolSize: 1) { configuration async throws in
            let client = RedisClient(configuration: configuration)
            await #expect { try await client.command(["BLPOP", "nothing", "10"], deadline: .milliseconds(30)) } throws: {
                ($0 as? RedisError)?.code == .timedOut
            }
            #expect(try await client.command(["ECHO", "next"]) == .string("next"))
            await client.close()
        }
    }

    @Test("a connection that was cut while it was idle is replaced without anybody noticing") func cut() async throws {
        try await TestRedis.withRedis(poolSize: 1) { configuration async throws in
            ignoreBrokenPipes()
            let client = RedisClient(configuration: configuration)
            let other = try await RedisConnection.open(configuration)
            for _ in 0..<20 {
                let id = try #require(try await client.command(["CLIENT", "ID"]).integer)
                try await other.command(["CLIENT", "KILL", "ID", String(id)])
                #expect(try await client.command(["PING"]) == .string("PONG"))
            }
            await client.close()
        }
    }

    @Test("a connection that is cut while a command runs is an error once") func cutInTheMiddle() async throws {
        try await TestRedis.withRedis(poolSize: 1) { configuration async throws in
            let client = RedisClient(configuration: configuration)
            let other = try await RedisConnection.open(configuration)
            let id = try #require(try await client.command(["CLIENT", "ID"]).integer)
            let waiting = Task { try await client.command(["BLPOP", "nothing", "30"], deadline: .seconds(40)) }
            while try await other.command(["CLIENT", "LIST", "ID", String(id)]).string?.contains("cmd=blpop") != true { await Task.yield() }
            try await other.command(["CLIENT", "KILL", "ID", String(id)])
            await #expect { try await waiting.value } throws: { ($0 as? RedisError)?.code == .connection }
            #expect(try await client.command(["PING"]) == .string("PONG"))
            await client.close()
        }
    }

    @Test("the client recovers by itself from a restart of the server") func restart() async throws {
        ignoreBrokenPipes()
        let server = try await PrivateServer.start(.redis)
        let configuration = try RedisConfiguration(url: "redis+unix://\(server.folder)/redis.sock", clientName: "tests", poolSize: 1)
        let client = RedisClient(configuration: configuration)
        try await client.command(["SET", "key", "value"])
        try await server.stop()
        await #expect { try await client.command(["PING"]) } throws: { ($0 as? RedisError)?.isUnavailable == true }
        try await server.start()
        #expect(try await client.command(["GET", "key"]) == .string("value"))
        await client.close()
        try await server.stop()
    }

    @Test("a blocking command on a connection of its own is woken by a push") func dedicated() async throws {
        try await TestRedis.withRedis { configuration async throws in
            let client = RedisClient(configuration: configuration)
            let line = client.line()
            let popped = Task { try await line.command(["BLPOP", "wakeup", "30"], deadline: .seconds(40)) }
            try await client.command(["RPUSH", "wakeup", "ding"])
            #expect(try await popped.value == .array([.string("wakeup"), .string("ding")]))
            let abandoned = Task { try await line.command(["BLPOP", "wakeup", "30"], deadline: .seconds(40)) }
            abandoned.cancel()
            await #expect(throws: RedisError.self) { try await abandoned.value }
            #expect(try await line.command(["PING"], deadline: .seconds(5)) == .string("PONG"))
            let first = try await line.command(["CLIENT", "ID"], deadline: .seconds(5))
            #expect(try await line.command(["CLIENT", "ID"], deadline: .seconds(5)) == first)
            await line.close()
            await client.close()
        }
    }
}
