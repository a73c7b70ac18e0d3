import HTTPTypes
import Hummingbird
import Identity
import Program
import Sealing
import StoreDomain
import StoreRecords

/// Where somebody is told what happens to their stores, or operators what happens to all.
struct ChannelRoutes: Sendable {
    let records: StoreRecords
    /// `nil`: there are no channels here.
    let seal: ChannelSeal?
    let check: OutboundCheck
    /// Whose mail people get; `nil`: none is sent here.
    let mailFrom: String?

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/channels", for: .readStores, query: ["scope"], list)
        table.on(.post, "/api/channels", for: .changeStores, query: ["scope"], create)
        table.on(.patch, "/api/channels/:id", for: .changeStores, query: ["scope"], change)
        table.on(.delete, "/api/channels/:id", for: .changeStores, query: ["scope"], delete)
        table.on(.post, "/api/channels/:id/test", for: .changeStores, query: ["scope"], test)
        table.on(.get, "/api/channels/:id/deliveries", for: .readStores, query: ["scope"], deliveries)
        // Whoever has a mail's link reads the mailbox, and need not be anybody here.
        table.on(.post, "/api/mailboxes/confirm", for: .open) { request, _ in try await answer(request, wanted: true) }
        table.on(.post, "/api/mailboxes/stop", for: .open) { request, _ in try await answer(request, wanted: false) }
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let owner = try owner(context)
        let channels = try await records.channels(of: owner)
        return .json(capacity: 400 * (channels.count + 1)) { json in
            json.array("channels", channels) { json, channel in json.object { $0.fields(of: channel) } }
            json.array("events", owner == .installation ? NoticeKind.events : NoticeKind.ownersEvents) { json, kind in
                json.text(kind.rawValue)
            }
            json.field("limit", StoreRecords.mostChannels)
            json.field("enabled", seal != nil)
            json.field("mailFrom", seal == nil ? nil : mailFrom)
        }
    }

    @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
        let owner = try owner(context)
        let seal = try sealing()
        let wanted = try NewChannelRequest(try await JSONBody(request, "type", "url", "address", "events"))
        let id = ChannelID.random()
        let secret = WebhookSecret.random()
        let target: ChannelTarget
        switch wanted.address {
        case .webhook(let address):
            try await permit(address)
            target = try self.target(address, secret, of: id, by: seal)
        case .email(let address):
            guard mailFrom != nil else {
                throw APIError(.forbidden, "No mail is sent here: SMTP_HOST or DASHBOARD_URL is not set", code: "no-mail")
            }
            target = ChannelTarget(
                .email,
                shown: address.rawValue,
                sealed: try seal.seal(.email(ChannelSeal.Mailbox(address: address)), of: id)
            )
        }
        switch try await records.createChannel(id, of: owner, to: target, events: wanted.events, by: context.operator) {
        case .tooMany:
            throw APIError(.conflict, "Channel limit (\(StoreRecords.mostChannels)) reached; delete one", code: "channel-limit")
        case .askedTooMany: throw Self.askedTooMany
        case .accepted(let channel):
            return .json(status: .created) { json in
                json.object("channel") { $0.fields(of: channel) }
                // It cannot be shown again.
                if channel.kind == .webhook { json.field("secret", secret.text) }
            }
        }
    }

    @Sendable private func answer(_ request: Request, wanted: Bool) async throws -> Response {
        let mailbox = try MailboxRequest(try await JSONBody(request, "channel", "token"))
        let unknown = APIError(.notFound, "This link is not valid any more", code: "link-not-valid")
        guard let sealed = try await records.sealedChannel(mailbox.channel),
            case .email(let known) = try sealing().open(sealed, of: mailbox.channel),
            equalInConstantTime(known.token, mailbox.token),
            let state = try await records.answerChannel(mailbox.channel, wanted: wanted)
        else { throw unknown }
        return .json { json in
            json.field("address", known.address)
            json.field("state", state)
        }
    }

    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let owner = try owner(context)
        let id = try id(context)
        let wanted = try ChangeChannelRequest(try await JSONBody(request, "url", "events", "state"))
        var moved: ChannelTarget?
        if let address = wanted.address {
            let seal = try sealing()
            guard let known = try await records.channel(id, of: owner) else { throw Self.notFound }
            guard case .webhook(let webhook) = try seal.open(known.sealed, of: id) else {
                throw APIError.wrong("url", "An e-mail address is not changed: add the other one, and delete this")
            }
            try await permit(address)
            moved = try target(address, webhook.secret, of: id, by: seal)
        }
        let changed = try await records.changeChannel(
            id,
            of: owner,
            to: moved,
            events: wanted.events,
            state: wanted.state,
            by: context.operator
        )
        guard let changed else { throw Self.notFound }
        return .json { json in json.object("channel") { $0.fields(of: changed) } }
    }

    @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        guard try await records.deleteChannel(try id(context), of: try owner(context), by: context.operator) else { throw Self.notFound }
        return .json { $0.field("message", "The channel is deleted") }
    }

    @Sendable private func test(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try id(context)
        guard let known = try await records.channel(id, of: try owner(context)) else { throw Self.notFound }
        guard let notice = try await records.testChannel(id) else {
            if known.channel.state == .unconfirmed { throw Self.askedTooMany }
            throw APIError(.conflict, "The channel is paused; resume it first", code: "channel-paused")
        }
        return .json(status: .accepted) { $0.field("delivery", notice) }
    }

    @Sendable private func deliveries(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try id(context)
        guard try await records.channel(id, of: try owner(context)) != nil else { throw Self.notFound }
        let deliveries = try await records.deliveries(to: id)
        return .json(capacity: 300 * (deliveries.count + 1)) { json in
            json.array("deliveries", deliveries) { json, delivery in json.object { $0.fields(of: delivery) } }
        }
    }

    /// `scope=installation`: the installation's, for operators; also without it for who has no name. Throws `APIError`.
    private func owner(_ context: APIContext) throws -> ChannelOwner {
        let isOwn =
            try context.query.value("scope", "own or installation") { ["own": true, "installation": false][$0] } ?? (context.user != nil)
        if isOwn {
            guard let user = context.user else { throw APIError(.forbidden, "Nobody is named whose channels are meant") }
            return .user(user)
        }
        switch Policy.decide(.operate, context.principal) {
        case .allowed: return .installation
        case .signInNeeded, .forbidden: throw APIError(.forbidden, "Only operators see and change the installation's channels")
        }
    }

    private func id(_ context: APIContext) throws -> ChannelID {
        guard let id = context.parameters.get("id").flatMap({ ChannelID($0) }) else { throw Self.notFound }
        return id
    }

    private func sealing() throws -> ChannelSeal {
        guard let seal else {
            throw APIError(.forbidden, "Notifications are not enabled here: CHANNEL_KEYS is not set", code: "no-channels")
        }
        return seal
    }

    /// Throws `APIError` where the address leads to what is not public now; the courier looks again before each attempt.
    private func permit(_ address: WebhookAddress) async throws {
        do { _ = try await check.address(for: address) } catch { throw APIError.wrong("url", "\(error)") }
    }

    private func target(_ address: WebhookAddress, _ secret: WebhookSecret, of id: ChannelID, by seal: ChannelSeal) throws -> ChannelTarget
    {
        ChannelTarget(.webhook, shown: address.origin, sealed: try seal.seal(.webhook(.init(url: address.url, secret: secret)), of: id))
    }

    private static let askedTooMany = APIError(
        .conflict,
        "This mailbox cannot be asked now: it was asked a short while ago, wants nothing, or is one too many of today's. Try again later",
        code: "mailbox-limit"
    )

    private static let notFound = APIError(.notFound, "There is no such channel", code: "channel-not-found")
}

extension JSONWriter {
    fileprivate mutating func fields(of channel: Channel) {
        field("id", channel.id.rawValue)
        field("type", channel.kind.rawValue)
        field("shown", channel.shown)
        array("events", channel.events.map(\.rawValue)) { json, event in json.text(event) }
        field("state", channel.state.rawValue)
        field("pausedReason", channel.pausedReason)
        field("failingSince", channel.failingSince)
        field("createdAt", channel.createdAt)
    }

    fileprivate mutating func fields(of delivery: Delivery) {
        field("id", delivery.id)
        field("event", delivery.kind.rawValue)
        field("store", delivery.store?.rawValue)
        field("status", delivery.status.rawValue)
        field("attempts", delivery.attempt)
        field("nextAt", delivery.nextAt)
        field("code", delivery.code)
        field("error", delivery.error)
        field("createdAt", delivery.createdAt)
        field("finishedAt", delivery.finishedAt)
    }
}
