import Foundation
import StoreDomain

/// What a mail says of a notice.
struct NoticeLetter: Sendable, Equatable {
    let subject: String
    let text: String

    /// A delivery's payload, as webhooks get it.
    private struct Payload: Decodable {
        struct Store: Decodable {
            let name: String
            let slug: String
            let url: String?
        }

        struct Rollout: Decodable {
            let id: String
            let engine: String
            let to: String
        }

        struct Quota: Decodable {
            struct Part: Decodable {
                let used: Int
                let limit: Int?
            }

            let stores: Part
            let units: Part
        }

        struct Body: Decodable {
            let store: Store?
            let rollout: Rollout?
            let quota: Quota?
            let message: String?
        }

        let type: String
        let data: Body
    }

    /// `links`: the addresses of this installation's page, as the receiver reaches it. `nil` for a payload that cannot be read.
    init?(_ payload: String, to receiver: ChannelLinks) {
        guard let payload = try? JSONDecoder().decode(Payload.self, from: Data(payload.utf8)), let kind = NoticeKind(rawValue: payload.type)
        else { return nil }
        subject = Self.subject(kind, payload.data)
        var parts = [subject + "."]
        if kind == .channelConfirm {
            parts = [
                "Somebody asked Store Weaver to write to this address when something happens to their stores.",
                "If that was you, open this page and confirm it:\n\(receiver.confirm)",
                "If not, do nothing, and nothing of that is sent. To be asked no more:\n\(receiver.stop)",
            ]
        }
        if let message = payload.data.message { parts.append(message.plain(atMost: 2_000)) }
        if let quota = payload.data.quota {
            parts.append(
                [("Stores", quota.stores), ("Units", quota.units)].compactMap { name, part in
                    part.limit.map { "\(name): \(part.used) of \($0)" }
                }.joined(separator: "\n")
            )
        }
        if let store = payload.data.store, kind != .storeDeleted {
            parts.append("The store in Store Weaver:\n\(receiver.page)/stores/\(store.slug)")
            if let url = store.url { parts.append("What shoppers see:\n\(url)") }
        }
        if let rollout = payload.data.rollout {
            parts.append("\(rollout.engine) to \(rollout.to):\n\(receiver.page)/operator?tab=rollouts")
        }
        if kind != .channelConfirm {
            parts.append("--\nYou get this since this address was confirmed in Store Weaver. To end that:\n\(receiver.stop)")
        }
        text = parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    private static func subject(_ kind: NoticeKind, _ body: Payload.Body) -> String {
        let store = body.store?.name ?? "A store"
        return switch kind {
        case .storeReady: "\(store) is ready"
        case .storeFailed: "\(store) could not be made or changed"
        case .storeDegraded: "\(store) is not well"
        case .storeRecovered: "\(store) is well again"
        case .storeLost: "\(store) is gone from the cluster"
        case .storeDeleted: "\(store) is deleted"
        case .backupFailed: "A backup of \(store) failed"
        case .domainFailing: "A domain of \(store) leads elsewhere"
        case .domainLost: "A domain of \(store) went to another store"
        case .memberAdded: "Somebody joined \(store)"
        case .storeTransferred: "\(store) has another owner now"
        case .rolloutHalted: "Rollout \(body.rollout?.id ?? "") was halted"
        case .quotaNear: "Most of your quota is used"
        case .channelConfirm: "Confirm that Store Weaver may write to you"
        case .test: "A test from Store Weaver"
        }
    }
}

/// Pages that a mail leads to.
struct ChannelLinks: Sendable, Equatable {
    /// The page's own address, without a slash at its end.
    let page: String
    let confirm: String
    let stop: String

    init(page: String, channel: ChannelID, token: String) {
        self.page = page
        confirm = "\(page)/#mail=confirm.\(channel).\(token)"
        stop = "\(page)/#mail=stop.\(channel).\(token)"
    }
}
