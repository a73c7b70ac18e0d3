import Postgres
package import StoreDomain

/// A mail to one person that a courier has taken.
package struct TakenLetter: Sendable, Equatable {
    /// 32 hexadecimal digits.
    package let id: String
    package let attempt: Int
    package let sealed: SealedText
}

extension StoreRecords {
    /// Letters that are due. Each has to be settled within a minute; then it is taken to be lost and given to another courier.
    package func takeLetters(limit: Int) async throws -> [TakenLetter] {
        try await pool.query("SELECT id, attempt, key_id, sealed FROM take_letters(\(limit))").map { row in
            TakenLetter(
                id: try row["id"],
                attempt: try row["attempt"],
                sealed: SealedText(key: try row["key_id"], text: try row["sealed"])
            )
        }
    }

    /// `isOver`: it came through, or never will.
    package func settle(_ letter: TakenLetter, isOver: Bool) async throws {
        _ = try await pool.query("SELECT settle_letter(\(letter.id), \(letter.attempt)::integer, \(isOver))")
    }

    /// Writes a letter with a link to set a new password, if there is an account of that address that may have one now. Whoever asked is not
    /// told which it was. `sealed`: the letter, for `letter`, its id.
    package func askPasswordReset(
        _ email: MailAddress,
        link: TokenReference,
        letter: String,
        sealed: SealedText,
        address: String?
    ) async throws {
        _ = try await pool.query(
            """
            SELECT ask_password_reset(\(email.rawValue), \(link.id), \(link.secretHash), \(letter), \(sealed.key), \(sealed.text), \(address))
            """
        )
    }

    /// Whether a link may be used now.
    package func isPasswordReset(_ link: TokenReference) async throws -> Bool {
        try await !pool.query(
            """
            SELECT 1 FROM password_resets r JOIN accounts a ON a.id = r.account_id
            WHERE r.id = \(link.id) AND r.secret_hash = \(link.secretHash) AND r.expires_at > clock_timestamp() AND a.disabled_at IS NULL
            """
        ).isEmpty
    }

    /// Sets the password by a link, which is used up; every session of the account ends. The account's address; `nil`: the link is not valid.
    package func resetPassword(_ link: TokenReference, hash: String, address: String?) async throws -> String? {
        try await pool.query(
            "SELECT email FROM reset_password(\(link.id), \(link.secretHash), \(hash), \(address))"
        ).first?["email"]
    }
}
