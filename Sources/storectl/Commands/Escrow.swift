import ArgumentParser
import Foundation
import Sealing

/// The operator's key that opens all backups, should the database with their passwords be lost. Nothing here needs a server.
struct Escrow: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the key of the backups' escrow, and open what is kept in it.",
        subcommands: [New.self, Open.self]
    )

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key pair: the private half into a new file, the public one to be printed.",
            discussion: """
                Keep the file outside of the installation, and a copy of it elsewhere: whoever has it and the vault's storage can read all that is \
                backed up. What is printed is BACKUP_ESCROW_KEY of the workers.
                """
        )
        @OptionGroup var output: OutputOptions
        @Argument(help: "The private half's new file.", completion: .file()) var file: String

        func run() throws {
            let key = EscrowPrivateKey()
            // Made with these rights, and never over another.
            let descriptor = Foundation.open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw Refusal("\(file) cannot be made: \(String(cString: strerror(errno))).") }
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try handle.write(contentsOf: Data((key.text + "\n").utf8))
            try handle.synchronize()
            guard output.json else { return print(key.publicKey.text) }
            print(
                Value.object([("key", .text(key.publicKey.id)), ("public", .text(key.publicKey.text)), ("file", .text(file))]).json
            )
        }
    }

    struct Open: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the secrets of an entry of the escrow, each as NAME=VALUE.",
            discussion: """
                An entry is a file of the vault's storage: REPOSITORY/escrow/keys/…, where REPOSITORY is a store's id, or platform. A store's has \
                PASSWORD, that of its restic repository; the platform's has the settings without which its database is of no use.
                """
        )
        @OptionGroup var output: OutputOptions
        @Option(help: "The file of the private half.", completion: .file()) var key: String
        @Argument(help: "The entry's file.", completion: .file()) var entry: String

        func run() throws {
            guard let key = EscrowPrivateKey(String(decoding: try Self.read(key), as: UTF8.self)) else {
                throw Refusal("\(key) is no private half of an escrow key.")
            }
            guard let found = EscrowEntry(try Self.read(entry)) else { throw Refusal("\(entry) is no entry of an escrow.") }
            let secrets: [String: String]
            do throws(EscrowEntry.Failure) { secrets = try key.open(found) } catch {
                switch error {
                case .unknownFormat: throw Refusal("\(entry) is no entry that this version can open.")
                case .otherKey(let id): throw Refusal("\(entry) is sealed to key \(id); this is key \(key.publicKey.id).")
                case .broken: throw Refusal("\(entry) was changed: it cannot be opened.")
                }
            }
            let sorted = secrets.sorted { $0.key < $1.key }
            guard output.json else { return sorted.forEach { print("\($0.key)=\($0.value)") } }
            print(
                Value.object([("repository", .text(found.repository)), ("secrets", .object(sorted.map { ($0.key, .text($0.value)) }))]).json
            )
        }

        private static func read(_ path: String) throws -> Data {
            // Neither is longer.
            guard let handle = FileHandle(forReadingAtPath: path), let data = try handle.read(upToCount: 1 << 20) else {
                throw Refusal("\(path) cannot be read.")
            }
            return data
        }
    }
}
