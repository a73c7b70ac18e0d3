import Foundation
import Program
import StoreDomain

/// What a command prints: for people in a table, for programs as JSON.
enum Value {
    case missing
    case text(String)
    case number(Int)
    case decimal(Decimal)
    case flag(Bool)
    case time(Date)
    case list([Value])
    case members([Member])

    /// One named value of an object.
    struct Member {
        let name: String
        let value: Value
    }

    /// An object with these members, in this order.
    static func object(_ members: [(String, Value)]) -> Value {
        .members(members.map { Member(name: $0.0, value: $0.1) })
    }

    init(_ text: String?) { self = text.map(Value.text) ?? .missing }
    init(_ number: Int?) { self = number.map(Value.number) ?? .missing }
    init(_ time: Date?) { self = time.map(Value.time) ?? .missing }

    /// One line of JSON; members in the order in which they were given, absent ones as `null`.
    var json: String {
        switch self {
        case .missing: "null"
        case .text(let text): text.jsonQuoted
        case .number(let number): String(number)
        case .decimal(let number): "\(number)"
        case .flag(let flag): String(flag)
        case .time(let time): Self.stamp(time).jsonQuoted
        case .list(let values): "[" + values.map(\.json).joined(separator: ",") + "]"
        case .members(let members): "{" + members.map { $0.name.jsonQuoted + ":" + $0.value.json }.joined(separator: ",") + "}"
        }
    }

    /// In a table's cell: on one line, and nothing in it moves a terminal's cursor or the text beside it.
    var plain: String {
        switch self {
        case .missing: "-"
        case .text(let text): text.replacing("\n", with: " ").inOneLine
        case .number(let number): String(number)
        case .decimal(let number): "\(number)"
        case .flag(let flag): flag ? "yes" : "no"
        case .time(let time): Self.stamp(time)
        case .list(let values): values.map(\.plain).joined(separator: ", ")
        case .members(let members): members.map { "\($0.name)=\($0.value.plain)" }.joined(separator: " ")
        }
    }

    /// RFC 3339 in UTC, to the second.
    private static func stamp(_ time: Date) -> String { time.formatted(.iso8601) }
}
