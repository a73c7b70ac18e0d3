/// A reply of Redis (RESP2), copied out of hiredis.
package enum RedisValue: Sendable, Equatable {
    case null
    case integer(Int64)
    /// Bulk strings and status replies.
    case string(String)
    /// The same where it is no UTF-8: none of ours, and repaired it could be taken for another.
    case unreadable
    case array([RedisValue])
    /// An error reply: its first word is the prefix.
    case error(String)

    package var string: String? { if case .string(let text) = self { text } else { nil } }

    package var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .string(let text): Int64(text)
        default: nil
        }
    }

    package var array: [RedisValue]? { if case .array(let values) = self { values } else { nil } }

    package var isNull: Bool { self == .null }
}
