import Foundation
package import Postgres
package import StoreDomain

/// A row that begins with `StoreColumn`'s columns, read where it lies in PostgreSQL's answer: for who passes a store on without keeping it. Not to be used
/// once the answer is gone.
package struct StoreRowView {
    package let engine: Engine
    let status: StoreStatus
    private let row: PostgresCells

    /// Throws `StoreRecordsError` for a word that none of ours can be.
    init(_ row: PostgresCells) throws {
        guard let engine = row[StoreColumn.engine.rawValue].word(as: Engine.self),
            let status = row[StoreColumn.status.rawValue].word(as: StoreStatus.self)
        else { throw StoreRecordsError(code: .unreadableRow, message: "store \(row[0].text ?? "") has an unreadable engine or status") }
        self.engine = engine
        self.status = status
        self.row = row
    }

    /// As UTF-8.
    package func bytes(_ column: StoreColumn) -> UnsafeBufferPointer<UInt8>? { row[column.rawValue].bytes }

    package func number(_ column: StoreColumn) throws(PostgresError) -> Int { try row[column.rawValue].integer }

    package func flag(_ column: StoreColumn) throws(PostgresError) -> Bool { try row[column.rawValue].boolean }

    /// In microseconds since 1970.
    package func instant(_ column: StoreColumn) throws(PostgresError) -> Int? { try row[column.rawValue].microseconds }

    /// The step that failed last.
    package var failedStep: ProvisioningStep? { word(.failedStep) }

    /// What its owner brought along.
    package var domains: [DomainBrief] {
        get throws(PostgresError) {
            guard let bytes = bytes(.domains), !bytes.isEmpty else { return [] }
            guard let domains = DomainBrief.list(String(decoding: bytes, as: UTF8.self)) else {
                throw row[StoreColumn.domains.rawValue].wrong("a list of domains")
            }
            return domains
        }
    }

    func text(_ column: StoreColumn) -> String? { row[column.rawValue].text }

    func date(_ column: StoreColumn) throws(PostgresError) -> Date? { try row[column.rawValue].date }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ column: StoreColumn) -> Word? { row[column.rawValue].word(as: Word.self) }
}

extension PostgresCell {
    /// A text that is one of a few; `nil` for any other. No string is made of it.
    func word<Word: RawRepresentable<String> & CaseIterable>(as type: Word.Type) -> Word? {
        guard let bytes else { return nil }
        return Word.allCases.first { word in
            var letters = word.rawValue
            return letters.withUTF8 { $0.elementsEqual(bytes) }
        }
    }
}
