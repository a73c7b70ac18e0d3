import Foundation
import Postgres
package import StoreDomain

/// Whose channels are meant.
package enum ChannelOwner: Sendable, Equatable {
    case user(UserID)
    case installation

    var name: String? {
        switch self {
        case .user(let user): user.rawValue
        case .installation: nil
        }
    }
}

extension StoreRecords {
    /// How many channels an owner may have at once.
    package static let mostChannels = 10
    /// How many mailboxes an owner may have asked within a day, so that nobody fills those of others.
    package static let mostAskedMailboxes = 20

    /// The oldest first.
    package func channels(of owner: ChannelOwner) async throws -> [Channel] {
        try await pool.query(
            "SELECT \(Channel.columns(of: "c")) FROM channels c WHERE c.owner IS NOT DISTINCT FROM \(owner.name)::text ORDER BY c.created_at, c.id"
        ).map { try Channel(row: $0) }
    }

    /// Everybody's, for operators.
    package func channels() async throws -> [Channel] {
        try await pool.query("SELECT \(Channel.columns(of: "c")) FROM channels c ORDER BY c.owner NULLS FIRST, c.created_at, c.id").map {
            try Channel(row: $0)
        }
    }

    /// Its line in the audit is written with it. A mailbox is asked whether it wants to be told.
    package func createChannel(
        _ id: ChannelID,
        of owner: ChannelOwner,
        to target: ChannelTarget,
        events: [NoticeKind],
        by actor: Operator
    ) async throws -> CreateChannelOutcome {
        let row = try await one(
            """
            WITH made AS (
                SELECT r.outcome, \(Channel.columns(of: "(r.channel)")) FROM create_channel(
                    \(id.rawValue), \(owner.name), \(target.kind.rawValue), \(target.shown), \(target.sealed.key), \(target.sealed.text),
                    \(events.map(\.rawValue)), \(Self.mostChannels), \(Self.mostAskedMailboxes)) r),
            audited AS (\(Self.line(of: actor, "channel.create", target: "channel_id", detail: "\("to " + target.shown)")) FROM made WHERE outcome = 'accepted')
            SELECT * FROM made
            """
        )
        let outcome: String = try row["outcome"]
        switch outcome {
        case "accepted": return .accepted(try Channel(row: row))
        case "too_many": return .tooMany
        case "asked_too_many": return .askedTooMany
        default: throw StoreRecordsError(code: .unreadableRow, message: "create_channel answered \(outcome)")
        }
    }

    /// What whoever reads a mailbox says: `wanted`: it is told what happens; else its channel goes. The caller knows that it is they. What the
    /// channel is now, `stopped` where it went; `nil`: there is none such.
    package func answerChannel(_ id: ChannelID, wanted: Bool) async throws -> String? {
        try await one("SELECT answer_channel(\(id.rawValue), \(wanted)) AS state")["state"]
    }

    /// Anybody's channel, sealed as it is. `nil`: there is none such.
    package func sealedChannel(_ id: ChannelID) async throws -> SealedText? {
        try await pool.query("SELECT c.key_id, c.sealed FROM channels c WHERE c.id = \(id.rawValue)").first.map { row in
            SealedText(key: try row["key_id"], text: try row["sealed"])
        }
    }

    /// What is `nil` stays as it is. `state`: active resumes it, as if nothing had failed. `nil`: the owner has no such channel.
    package func changeChannel(
        _ id: ChannelID,
        of owner: ChannelOwner,
        to target: ChannelTarget?,
        events: [NoticeKind]?,
        state: Channel.State?,
        by actor: Operator
    ) async throws -> Channel? {
        try await pool.query(
            """
            WITH changed AS (
                UPDATE channels c SET shown = coalesce(\(target?.shown), c.shown), key_id = coalesce(\(target?.sealed.key), c.key_id),
                       sealed = coalesce(\(target?.sealed.text), c.sealed), events = coalesce(\(events?.map(\.rawValue))::text[], c.events),
                       \(Self.assignments(state))
                 WHERE c.id = \(id.rawValue) AND c.owner IS NOT DISTINCT FROM \(owner.name)::text RETURNING \(Channel.columns(of: "c"))),
            audited AS (\(Self.line(of: actor, "channel.change", target: "channel_id", detail: "\(Self.detail(target, events, state))")) FROM changed)
            SELECT * FROM changed
            """
        ).first.map { try Channel(row: $0) }
    }

    /// False: the owner has no such channel.
    package func deleteChannel(_ id: ChannelID, of owner: ChannelOwner, by actor: Operator) async throws -> Bool {
        try await !pool.query(
            """
            WITH gone AS (
                DELETE FROM channels c WHERE c.id = \(id.rawValue) AND c.owner IS NOT DISTINCT FROM \(owner.name)::text RETURNING c.id AS channel_id)
            \(Self.line(of: actor, "channel.delete", target: "channel_id")) FROM gone RETURNING 1
            """
        ).isEmpty
    }

    /// Anybody's, for operators. `nil`: there is none such.
    package func resumeChannel(_ id: ChannelID, by actor: Operator) async throws -> Channel? {
        try await pool.query(
            """
            WITH changed AS (
                UPDATE channels c SET \(Self.assignments(.active)) WHERE c.id = \(id.rawValue) RETURNING \(Channel.columns(of: "c"))),
            audited AS (\(Self.line(of: actor, "channel.change", target: "channel_id", detail: "\(Self.detail(nil, nil, .active))")) FROM changed)
            SELECT * FROM changed
            """
        ).first.map { try Channel(row: $0) }
    }

    /// A channel with what is sealed of it. `nil`: the owner has none such.
    package func channel(_ id: ChannelID, of owner: ChannelOwner) async throws -> (channel: Channel, sealed: SealedText)? {
        try await pool.query(
            """
            SELECT \(Channel.columns(of: "c")), c.key_id, c.sealed FROM channels c
             WHERE c.id = \(id.rawValue) AND c.owner IS NOT DISTINCT FROM \(owner.name)::text
            """
        ).first.map { row in (try Channel(row: row), SealedText(key: try row["key_id"], text: try row["sealed"])) }
    }

    /// What other keys than this one seal, in the order of the channels, after that one.
    package func sealedChannels(notBy key: String, after channel: ChannelID?, limit: Int) async throws -> [(
        channel: ChannelID, sealed: SealedText
    )] {
        try await pool.query(
            """
            SELECT c.id, c.key_id, c.sealed FROM channels c
             WHERE c.key_id <> \(key) AND c.id > \(channel?.rawValue ?? "") ORDER BY c.id LIMIT \(limit)
            """
        ).map { (try $0["id"], SealedText(key: try $0["key_id"], text: try $0["sealed"])) }
    }

    /// Seals anew what nobody changed meanwhile. False: somebody did.
    package func replaceChannel(_ id: ChannelID, _ old: SealedText, by new: SealedText) async throws -> Bool {
        try await !pool.query(
            """
            UPDATE channels SET key_id = \(new.key), sealed = \(new.text)
             WHERE id = \(id.rawValue) AND key_id = \(old.key) AND sealed = \(old.text) RETURNING 1
            """
        ).isEmpty
    }

    /// Sends a test, whatever the channel wants to hear, or asks its mailbox again; how it went is among its deliveries. `nil`: there is no such
    /// channel, it is paused, or too many mailboxes were asked.
    package func testChannel(_ id: ChannelID) async throws -> String? {
        try await pool.query("SELECT test_channel(\(id.rawValue), \(Self.mostAskedMailboxes)) AS notice").first?["notice"]
    }

    /// The newest first.
    package func deliveries(to id: ChannelID, limit: Int = 50) async throws -> [Delivery] {
        try await pool.query(
            """
            SELECT d.notice_id::text AS notice_id, n.kind, n.subject, d.status, d.attempt, CASE WHEN d.status = 'waiting' THEN d.next_at END AS next_at,
                   d.code, d.error, d.created_at, d.finished_at
              FROM deliveries d JOIN notices n ON n.id = d.notice_id
             WHERE d.channel_id = \(id.rawValue) ORDER BY d.created_at DESC LIMIT \(limit)
            """
        ).map { try Delivery(row: $0) }
    }

    private static func assignments(_ state: Channel.State?) -> SQL {
        switch state {
        case nil: "state = c.state"
        case .active, .unconfirmed:
            """
            state = CASE WHEN c.type = 'email' AND c.confirmed_at IS NULL THEN 'unconfirmed' ELSE 'active' END, paused_reason = NULL,
            failing_since = NULL
            """
        case .paused: "state = 'paused', paused_reason = coalesce(c.paused_reason, 'You paused it.')"
        }
    }

    private static func detail(_ target: ChannelTarget?, _ events: [NoticeKind]?, _ state: Channel.State?) -> String {
        [
            target.map { "to \($0.shown)" }, events.map { "events \($0.map(\.rawValue).joined(separator: " "))" }, state.map { "\($0)" },
        ].compactMap(\.self).joined(separator: ", ")
    }
}
