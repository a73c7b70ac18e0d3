import Postgres

/// What those who ask for rows may know of an error of PostgreSQL's.
package protocol DatabaseError: Error {
    /// PostgreSQL cannot be reached, takes no writes or is out of something; or what has to be locked is, for longer than one may wait.
    var isUnavailable: Bool { get }
    /// PostgreSQL refused the statement itself; nothing of its transaction stays, and it would be refused again.
    var isRefusal: Bool { get }
    /// PostgreSQL refused what a parameter holds: the same values would be refused for ever, and other ones may well be taken.
    var isRefusalOfValues: Bool { get }
    /// PostgreSQL is out of something, or at odds with its disk.
    var isShortage: Bool { get }
    /// The schema is not one that this program's migrations lead to.
    var isOfSchema: Bool { get }
    /// PostgreSQL's own code; `nil`: it did not say it.
    var sqlState: String? { get }
    /// What is wrong with the server or with how it is asked, without an address, a name or a secret. `nil`: one statement was wrong.
    var problem: String? { get }
}

extension PostgresError: DatabaseError {
    package var isOfSchema: Bool { code == .migration }
}
