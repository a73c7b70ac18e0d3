import Configuration
import Program

/// How much one caller may ask of the API.
package struct RequestLimits: Sendable, Equatable {
    /// Requests in a minute, all at once or spread; 0: not counted.
    package let perUser: Int
    package let perAddress: Int
    /// How many event streams of one user, or of one address where nobody is named, a process serves at once; 0: not counted.
    package let streamsPerCaller: Int
    /// How many proxies stand before the API, each of which adds to `X-Forwarded-For` whom it saw.
    package let proxies: Int
    /// How long a connection may be without a whole request: idle, or sending one too slowly.
    package let requestTimeout: Duration

    init(reader: ConfigReader) throws {
        perUser = try reader.number("rate.limit.per.user", default: 1_200, in: 0...10_000_000)
        perAddress = try reader.number("rate.limit.per.address", default: 6_000, in: 0...10_000_000)
        streamsPerCaller = try reader.number("max.event.streams.per.user", default: 50, in: 0...100_000)
        proxies = try reader.number("trusted.proxies", default: 0, in: 0...10)
        requestTimeout = .seconds(try reader.number("request.timeout.seconds", default: 30, in: 1...3_600))
    }
}
