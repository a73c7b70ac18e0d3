package import Configuration
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

    /// Reads, from the environment:
    /// - `HOST` (0.0.0.0), `PORT` (3000; 0 takes a free one): where to listen.
    /// - `MAX_STORES` (50), `MAX_STORES_PER_USER` (100): at least 0.
    /// - `RESERVED_NAMES`: slugs, separated by commas.
    /// - `CORS_ORIGIN` (`http://localhost:5173,http://localhost:8080`): origins, separated by commas.
    ///
    /// Throws `SettingError`, which names the setting.
    package init(reader: ConfigReader) throws {
        host = reader.string(forKey: "host", default: "0.0.0.0")
        port = try Self.number(reader, "port", default: 3_000, in: 0...65_535)
        limits = StoreLimits(
            total: try Self.number(reader, "max.stores", default: 50, in: 0...1_000_000),
            perUser: try Self.number(reader, "max.stores.per.user", default: 100, in: 0...1_000_000)
        )
        reservedSlugs = Self.list(reader.string(forKey: "reserved.names", default: PlatformDefaults.reservedNames))
        origins = Self.list(reader.string(forKey: "cors.origin", default: "http://localhost:5173,http://localhost:8080"))
    }

    private static func number(_ reader: ConfigReader, _ key: ConfigKey, default standard: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = reader.string(forKey: key), !text.isEmpty else { return standard }
        guard let value = Int(text), range.contains(value) else {
            let name = key.components.joined(separator: "_").uppercased()
            throw SettingError(message: "\(name) must be a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return value
    }

    private static func list(_ text: String) -> Set<String> {
        Set(
            text.split(separator: ",").map { $0.drop(while: \.isWhitespace) }.map {
                String($0.reversed().drop(while: \.isWhitespace).reversed())
            }
        )
    }
}

/// A setting that cannot be.
package struct SettingError: Error, Sendable, CustomStringConvertible {
    package let message: String

    package var description: String { message }
}
