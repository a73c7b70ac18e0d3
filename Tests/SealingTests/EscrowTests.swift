import Foundation
import Program
import Sealing
import StoreDomain
import Testing

@Suite struct EscrowTests {
    private let key = EscrowPrivateKey()
    private let store: RepositoryID

    init() throws { store = .store(try #require(StoreID("a00000000001"))) }

    private func changed(_ entry: EscrowEntry, _ member: String, to value: String) throws -> EscrowEntry {
        var object = try #require(try JSONSerialization.jsonObject(with: try entry.file.content) as? [String: String])
        object[member] = value
        return try #require(EscrowEntry(try JSONSerialization.data(withJSONObject: object)))
    }

    @Test("the private half opens what the public one sealed, from the file that the vault keeps") func roundTrip() throws {
        let entry = try #require(try EscrowKey(setting: key.publicKey.text)).seal(["PASSWORD": "s3cret"], of: store)
        let file = try entry.file
        #expect(file.name.count == 64)
        let read = try #require(EscrowEntry(file.content))
        #expect(try #require(EscrowPrivateKey(key.text + "\n")).open(read) == ["PASSWORD": "s3cret"])
        #expect(!String(decoding: file.content, as: UTF8.self).contains("s3cret"))
        #expect("\(key)" == "<redacted>")
    }

    @Test("an entry is needless where another holds the same, for the same repository and key") func needless() throws {
        let entry = try key.publicKey.seal(["PASSWORD": "s3cret"], of: store)
        #expect(try key.publicKey.seal(["PASSWORD": "s3cret"], of: store).isAsGood(as: entry))
        #expect(try !key.publicKey.seal(["PASSWORD": "other"], of: store).isAsGood(as: entry))
        #expect(try !key.publicKey.seal(["PASSWORD": "s3cret"], of: .platform).isAsGood(as: entry))
        #expect(try !EscrowPrivateKey().publicKey.seal(["PASSWORD": "s3cret"], of: store).isAsGood(as: entry))
    }

    @Test("what another key sealed, another repository's and what was changed is not opened") func refusals() throws {
        let entry = try key.publicKey.seal(["PASSWORD": "s3cret"], of: store)
        #expect(throws: EscrowEntry.Failure.otherKey(entry.key)) { try EscrowPrivateKey().open(entry) }
        #expect(throws: EscrowEntry.Failure.broken) { try key.open(try changed(entry, "repository", to: "platform")) }
        #expect(throws: EscrowEntry.Failure.unknownFormat) { try key.open(try changed(entry, "repository", to: "elsewhere")) }
        #expect(throws: EscrowEntry.Failure.unknownFormat) { try key.open(try changed(entry, "format", to: "2")) }
        #expect(throws: EscrowEntry.Failure.broken) {
            try key.open(try changed(entry, "sealed", to: Data(count: 40).base64EncodedString()))
        }
        #expect(throws: EscrowEntry.Failure.broken) { try key.open(try changed(entry, "encapsulated", to: "")) }
        #expect(EscrowEntry(Data("{}".utf8)) == nil)
    }

    @Test("a setting that is no public half stops the start and is not quoted") func settings() throws {
        #expect(try EscrowKey(setting: nil) == nil)
        #expect(try EscrowKey(setting: "") == nil)
        for text in [key.text, "escrow-public:", "escrow-public:AAAA", String(key.publicKey.text.dropFirst())] {
            let error = try #require(throws: SettingError.self) { try EscrowKey(setting: text) }
            #expect(!error.message.contains(text.split(separator: ":").last.map(String.init) ?? "?") || text.hasSuffix(":"))
        }
        #expect(EscrowPrivateKey(key.publicKey.text) == nil)
    }
}
