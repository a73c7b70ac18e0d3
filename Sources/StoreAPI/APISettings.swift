package import Configuration
import Foundation
import Program
package import Sealing
import StoreDomain
package import StoreRecords

/// What the API is told by its environment.
package struct APISettings: Sendable {
    package var host: String
    package var port: Int
    package var limits: StoreLimits
    /// Slugs that get the suffixed namespace.
    package var reservedSlugs: Set<String>
    /// Origins whose pages may call.
    package var origins: Set<String>
    /// Opens `/api/admin/…`; `nil`: it is closed.
    package var adminToken: String?

    /// How many event streams this process serves at once.
    package var eventStreams: Int

    package var abuse: AbuseLimits
    package var authMode: AuthMode
    /// Opens what workers seal; `nil`: no credentials are shown.
    package var seal: CredentialSeal?

    /// Reads, from the environment:
    /// - `HOST` (0.0.0.0), `PORT` (3000; 0 takes a free one): where to listen.
    /// - `AUTH_MODE` (header) and others: how it knows who asks, see `AuthMode`.
    /// - `MAX_STORES` (50), `MAX_STORES_PER_USER` (100): at least 0.
    /// - `RESERVED_NAMES`: slugs, separated by commas.
    /// - `ADMIN_TOKEN`: 16 characters or more; who sends it as a bearer token may operate the queue. Without it only signed-in operators may.
    /// - `CREDENTIALS_KEYS` (none): the workers' own, to show owners their shops' credentials; see `KeyRing`.
    /// - `CORS_ORIGIN` (`http://localhost:5173,http://localhost:8080`): origins, separated by commas.
    /// - `MAX_EVENT_STREAMS` (2000): clients that follow changes, in this process; more get 503.
    /// - `RATE_LIMIT_PER_USER` (1200), `RATE_LIMIT_PER_ADDRESS` (6000): requests in a minute; 0: as many as they like.
    /// - `MAX_EVENT_STREAMS_PER_USER` (50): streams of one user, or of one address where nobody is named; more get 429. 0: not counted.
    /// - `TRUSTED_PROXIES` (0): how many proxies stand before the API.
    /// - `REQUEST_TIMEOUT_SECONDS` (30): how long a request may take to arrive, and a connection may be idle.
    ///
    /// Throws `SettingError`, which names the setting.
    package init(reader: ConfigReader) throws {
        host = reader.string(forKey: "host", default: "0.0.0.0")
        port = try reader.number("port", default: 3_000, in: 0...65_535)
        limits = StoreLimits(
            total: try reader.number("max.stores", default: 50, in: 0...1_000_000),
            perUser: try reader.number("max.stores.per.user", default: 100, in: 0...1_000_000)
        )
        eventStreams = try reader.number("max.event.streams", default: 2_000, in: 0...100_000)
        abuse = try AbuseLimits(reader: reader)
        seal = try CredentialSeal(setting: reader.string(forKey: "credentials.keys", isSecret: true))
        authMode = try AuthMode(reader: reader)
        reservedSlugs = Set(reader.list("reserved.names", default: PlatformDefaults.reservedNames))
        origins = Set(reader.list("cors.origin", default: "http://localhost:5173,http://localhost:8080"))
        adminToken = reader.string(forKey: "admin.token", isSecret: true).flatMap { $0.isEmpty ? nil : $0 }
        if let adminToken, adminToken.utf8.count < 16 { throw SettingError(message: "ADMIN_TOKEN must have at least 16 characters") }
    }
}

extension ConfigReader {
    /// Words separated by commas, without white space at their ends; empty ones do not count.
    func list(_ key: ConfigKey, default standard: String = "") -> [String] {
        string(forKey: key, default: standard).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
