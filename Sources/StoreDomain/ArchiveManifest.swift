package import Foundation

/// What an archive says of itself, as the file `manifest.json` at its beginning.
package struct ArchiveManifest: Sendable, Equatable, Codable {
    package static let format = "store-weaver-archive"
    package static let newestVersion = 1

    private let format: String
    private let formatVersion: Int
    package let engine: Engine
    package let engineVersion: String?
    package let chartVersion: String?
    package let host: String?
    package let adminRevision: Int
    package let databaseBytes: Int64
    package let fileBytes: Int64
    package let products: Int
    package let orders: Int

    package init(of backup: Backup, _ contents: BackupContents, _ engine: Engine) {
        format = Self.format
        formatVersion = Self.newestVersion
        self.engine = engine
        engineVersion = backup.engineVersion
        chartVersion = backup.chartVersion?.rawValue
        host = backup.host
        adminRevision = backup.adminRevision
        databaseBytes = contents.databaseBytes
        fileBytes = contents.fileBytes
        products = contents.products
        orders = contents.orders
    }

    /// As the records have it.
    package init(
        engine: Engine,
        engineVersion: String?,
        chartVersion: String?,
        host: String?,
        adminRevision: Int,
        databaseBytes: Int64,
        fileBytes: Int64,
        products: Int,
        orders: Int
    ) {
        format = Self.format
        formatVersion = Self.newestVersion
        self.engine = engine
        self.engineVersion = engineVersion
        self.chartVersion = chartVersion
        self.host = host
        self.adminRevision = adminRevision
        self.databaseBytes = databaseBytes
        self.fileBytes = fileBytes
        self.products = products
        self.orders = orders
    }

    /// Somebody's file; throws in words for people for what no archive of ours has.
    package init(reading json: Data) throws(Invalid) {
        guard let read = try? JSONDecoder().decode(Self.self, from: json), read.format == Self.format else {
            throw Invalid(description: "Its manifest.json is none of an exported store")
        }
        guard read.formatVersion <= Self.newestVersion else {
            throw Invalid(description: "It was made by a newer version of Store Weaver (format \(read.formatVersion))")
        }
        let numbers = [Int64(read.adminRevision), read.databaseBytes, read.fileBytes, Int64(read.products), Int64(read.orders)]
        let texts = [read.engineVersion, read.chartVersion, read.host].compactMap(\.self)
        guard read.databaseBytes > 0, numbers.allSatisfy({ (0...1 << 50).contains($0) }), read.adminRevision < 1 << 30,
            read.products < 1 << 31, read.orders < 1 << 31, texts.allSatisfy({ $0 == $0.plain(atMost: 255) })
        else { throw Invalid(description: "Its manifest.json has values that no store has") }
        self = read
    }

    package struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    package func json() throws -> String { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
}
