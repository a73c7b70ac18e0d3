package import Foundation
import Postgres
package import StoreDomain

/// Where somebody is told what happens to stores.
package struct Channel: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case webhook, email
    }

    package enum State: String, Sendable {
        case active
        /// Of e-mail: whoever reads the mailbox has not said yet that it is theirs. Nothing but that question is sent.
        case unconfirmed
        /// Nothing is sent until somebody resumes it.
        case paused
    }

    package let id: ChannelID
    /// Whose stores it is told of; `nil`: the installation's, which is told of every store.
    package let owner: UserID?
    package let kind: Kind
    /// Where it leads, without what may be a secret: of a webhook scheme, host and port; of e-mail the address.
    package let shown: String
    package let events: [NoticeKind]
    package let state: State
    /// Why nothing is sent, for people.
    package let pausedReason: String?
    /// Since when nothing came through; `nil`: the last delivery did, or there was none.
    package let failingSince: Date?
    package let createdAt: Date

    init(row: PostgresRow) throws {
        let events: String = try row["events"]
        id = try row["channel_id"]
        owner = try row["owner"]
        kind = try row["type"]
        shown = try row["shown"]
        // A word that another version wrote stays in the row.
        self.events = events.split(separator: " ").compactMap { NoticeKind(rawValue: String($0)) }
        state = try row["state"]
        pausedReason = try row["paused_reason"]
        failingSince = try row["failing_since"]
        createdAt = try row["created_at"]
    }

    static func columns(of c: SQL) -> SQL {
        """
        \(c).id AS channel_id, \(c).owner, \(c).type, \(c).shown, array_to_string(\(c).events, ' ') AS events, \(c).state,
        \(c).paused_reason, \(c).failing_since, \(c).created_at
        """
    }
}

/// Where a channel leads: what is shown of it, and all of it sealed.
package struct ChannelTarget: Sendable, Equatable {
    package let kind: Channel.Kind
    package let shown: String
    package let sealed: SealedText

    package init(_ kind: Channel.Kind, shown: String, sealed: SealedText) {
        self.kind = kind
        self.shown = shown
        self.sealed = sealed
    }
}

/// What became of a new channel.
package enum CreateChannelOutcome: Sendable, Equatable {
    case accepted(Channel)
    /// The owner has as many as one may have.
    case tooMany
    /// As many mailboxes were asked to confirm within a day as may be.
    case askedTooMany
}

/// How a notice went, or is going, to a channel.
package struct Delivery: Sendable, Equatable {
    package enum Status: String, Sendable {
        case waiting, delivered, failed
    }

    /// The notice's; receivers get it as `webhook-id`.
    package let id: String
    package let kind: NoticeKind
    /// Whom it is about, if it is a store.
    package let store: StoreID?
    package let status: Status
    /// Attempts so far.
    package let attempt: Int
    /// Of one that waits.
    package let nextAt: Date?
    /// Of the last attempt: the answer's status, and what went wrong, for people.
    package let code: Int?
    package let error: String?
    package let createdAt: Date
    package let finishedAt: Date?

    init(row: PostgresRow) throws {
        id = try row["notice_id"]
        kind = try row["kind"]
        store = try row.known("subject")
        status = try row["status"]
        attempt = try row["attempt"]
        nextAt = try row["next_at"]
        code = try row["code"]
        error = try row["error"]
        createdAt = try row["created_at"]
        finishedAt = try row["finished_at"]
    }
}
