import HTTPTypes
import Program
import StoreDomain
import StoreRecords

// The bodies of the channels' routes, each parsed once.

/// The body of `POST /api/channels`.
struct NewChannelRequest: Sendable {
    enum Address: Sendable {
        case webhook(WebhookAddress)
        case email(MailAddress)
    }

    let address: Address
    let events: [NoticeKind]

    /// Throws `APIError`.
    init(_ body: JSONBody) throws {
        guard let kind = try body.text("type").flatMap(Channel.Kind.init(rawValue:)) else {
            throw APIError.wrong("type", "type must be webhook or email")
        }
        switch kind {
        case .webhook:
            guard let address = try body.webhook() else { throw APIError.wrong("url", "url must be \(WebhookAddress.form)") }
            self.address = .webhook(address)
        case .email:
            guard let address = try body.text("address").flatMap(MailAddress.init) else {
                throw APIError.wrong("address", "address must be \(MailAddress.form)")
            }
            self.address = .email(address)
        }
        guard let events = try body.events() else { throw JSONBody.wrongEvents }
        self.events = events
    }
}

/// The body of `POST /api/mailboxes/confirm` and `/stop`: what a mail's link has.
struct MailboxRequest: Sendable {
    let channel: ChannelID
    let token: String

    /// Throws `APIError`.
    init(_ body: JSONBody) throws {
        guard let channel = try body.text("channel").flatMap({ ChannelID($0) }) else {
            throw APIError.wrong("channel", "channel must be 12 lower-case hexadecimal digits")
        }
        guard let token = try body.text("token"), token.isHex(32) else {
            throw APIError.wrong("token", "token must be 32 lower-case hexadecimal digits")
        }
        self.channel = channel
        self.token = token
    }
}

/// The body of `PATCH /api/channels/:id`; what is `nil` stays as it is.
struct ChangeChannelRequest: Sendable {
    let address: WebhookAddress?
    let events: [NoticeKind]?
    let state: Channel.State?

    /// Throws `APIError`.
    init(_ body: JSONBody) throws {
        address = try body.webhook()
        events = try body.events()
        state = try body.text("state").map { word in
            guard let state = Channel.State(rawValue: word), state != .unconfirmed else {
                throw APIError.wrong("state", "state must be active or paused")
            }
            return state
        }
        guard address != nil || events != nil || state != nil else {
            throw APIError(.badRequest, "There is nothing to change: give url, events or state", code: "nothing-to-change")
        }
    }
}

extension JSONBody {
    fileprivate static let wrongEvents = APIError.wrong(
        "events",
        "events must be a list of some of \(NoticeKind.events.map(\.rawValue).joined(separator: ", "))"
    )

    fileprivate func webhook() throws -> WebhookAddress? {
        guard let text = try text("url") else { return nil }
        guard let address = WebhookAddress(text) else { throw APIError.wrong("url", "url must be \(WebhookAddress.form)") }
        return address
    }

    /// Each once, in their own order.
    fileprivate func events() throws -> [NoticeKind]? {
        guard let value = self["events"] else { return nil }
        guard let words = value as? [Any], !words.isEmpty, words.count <= NoticeKind.events.count else { throw Self.wrongEvents }
        let chosen = try words.map { word in
            guard let kind = (word as? String).flatMap(NoticeKind.init(rawValue:)), NoticeKind.events.contains(kind) else {
                throw Self.wrongEvents
            }
            return kind
        }
        return NoticeKind.events.filter(chosen.contains)
    }
}
