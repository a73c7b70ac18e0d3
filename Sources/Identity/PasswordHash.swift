import Crypto
import CryptoExtras
import Foundation

/// A password's scrypt hash with its parameters, as text: `scrypt$LOG2N$R$P$SALT$KEY`, salt and key in base64.
struct PasswordHash: Equatable {
    /// 32 MiB and about a tenth of a second of one core.
    static let cost = (logRounds: 15, blockSize: 8, parallelism: 3)

    let text: String
    private let logRounds: Int
    private let blockSize: Int
    private let parallelism: Int
    private let salt: Data
    private let key: Data

    /// Hashes anew with a random salt.
    init(of password: String) throws {
        let salt = SymmetricKey(size: .bits128).withUnsafeBytes { Data($0) }
        let cost = Self.cost
        let key = try Self.derive(password, salt, cost.logRounds, cost.blockSize, cost.parallelism)
        text = "scrypt$\(cost.logRounds)$\(cost.blockSize)$\(cost.parallelism)$\(salt.base64EncodedString())$\(key.base64EncodedString())"
        (logRounds, blockSize, parallelism, self.salt, self.key) = (cost.logRounds, cost.blockSize, cost.parallelism, salt, key)
    }

    /// `nil` for what is no such text, or would cost more than four times today's memory.
    init?(text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "scrypt", let logRounds = Int(parts[1]), let blockSize = Int(parts[2]),
            let parallelism = Int(parts[3]), (10...17).contains(logRounds), (1...8).contains(blockSize), (1...16).contains(parallelism),
            let salt = Data(base64Encoded: parts[4]), let key = Data(base64Encoded: parts[5]), salt.count >= 16, key.count == 32
        else { return nil }
        (self.text, self.logRounds, self.blockSize, self.parallelism, self.salt, self.key) = (
            text, logRounds, blockSize, parallelism, salt, key
        )
    }

    /// Whether it was made with today's parameters.
    var isCurrent: Bool { (logRounds, blockSize, parallelism) == Self.cost }

    func matches(_ password: String) throws -> Bool {
        let derived = try Self.derive(password, salt, logRounds, blockSize, parallelism)
        // Digests compare in constant time.
        return SHA256.hash(data: derived) == SHA256.hash(data: key)
    }

    private static func derive(_ password: String, _ salt: Data, _ logRounds: Int, _ blockSize: Int, _ parallelism: Int) throws -> Data {
        try KDF.Scrypt.deriveKey(
            // The same password typed on another system may come in another form of Unicode.
            from: Data(password.precomposedStringWithCompatibilityMapping.utf8),
            salt: salt,
            outputByteCount: 32,
            rounds: 1 << logRounds,
            blockSize: blockSize,
            parallelism: parallelism
        ).withUnsafeBytes { Data($0) }
    }
}
