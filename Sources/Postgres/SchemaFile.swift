import Crypto
import Foundation

/// An SQL file of the schema.
package struct SchemaFile: Sendable, Equatable {
    /// The raw value is the folder's name.
    package enum Kind: String, Sendable, CaseIterable {
        /// A change of tables; its name begins with a number. It is applied once and never changes.
        case migration = "tables"
        /// Functions and triggers, all as CREATE OR REPLACE: applied again whenever the text changes.
        case functions
    }

    package let kind: Kind
    /// Without folder and suffix. Files of a kind are applied in the order of their names, migrations first.
    package let name: String
    package let sql: String

    package init(kind: Kind, name: String, sql: String) {
        self.kind = kind
        self.name = name
        self.sql = sql
    }

    package var path: String { "\(kind.rawValue)/\(name)" }

    /// SHA-256 of the text, in base64.
    var checksum: String { Data(SHA256.hash(data: Data(sql.utf8))).base64EncodedString() }
}
