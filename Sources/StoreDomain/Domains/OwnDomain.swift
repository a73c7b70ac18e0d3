package import struct Foundation.Date

/// How far a store's claim on a host is.
package enum DomainState: String, Sendable, CaseIterable {
    /// Not proved. It keeps nobody else from the host.
    case pending
    /// Proved by its TXT record: no other store can have it.
    case verified
    /// It led here, too: the store is served there.
    case active
    /// It did not lead here for two weeks, and the store is served there no more.
    case failing
}

/// A host that a store's owner brought along.
package struct OwnDomain: Sendable, Equatable {
    package let id: Int64
    package let store: StoreID
    package let host: DomainName
    package let token: DomainToken
    package let state: DomainState
    /// The store's address.
    package let isPrimary: Bool
    package let createdAt: Date
    /// Of a pending one that is proved: when it gets the host from the store that has it.
    package let takesOverAt: Date?
    package let checkedAt: Date?
    package let checkAt: Date
    /// Since when it does not lead here.
    package let failingSince: Date?
    package let certificateUntil: Date?
    package let nextOrderAt: Date?
    /// What keeps it from the next state; for people.
    package let error: String?

    package init(
        id: Int64,
        store: StoreID,
        host: DomainName,
        token: DomainToken,
        state: DomainState,
        isPrimary: Bool,
        createdAt: Date,
        takesOverAt: Date?,
        checkedAt: Date?,
        checkAt: Date,
        failingSince: Date?,
        certificateUntil: Date?,
        nextOrderAt: Date?,
        error: String?
    ) {
        self.id = id
        self.store = store
        self.host = host
        self.token = token
        self.state = state
        self.isPrimary = isPrimary
        self.createdAt = createdAt
        self.takesOverAt = takesOverAt
        self.checkedAt = checkedAt
        self.checkAt = checkAt
        self.failingSince = failingSince
        self.certificateUntil = certificateUntil
        self.nextOrderAt = nextOrderAt
        self.error = error
    }
}

/// What a claim is proved by: 32 lower-case hexadecimal digits, of this claim alone.
package struct DomainToken: Sendable, Equatable, CustomStringConvertible {
    package let rawValue: String

    package init?(_ text: String) {
        guard text.isHex(32) else { return nil }
        rawValue = text
    }

    private init(rawValue: String) { self.rawValue = rawValue }

    package static func random() -> DomainToken { DomainToken(rawValue: RandomToken.make()) }

    package var description: String { rawValue }

    /// What the TXT record says, and the gate.
    package var proof: String { "sw-verify=" + rawValue }

    /// What the gate answers at `/.well-known/store-weaver/<token>`.
    package static let path = "/.well-known/store-weaver/"
}

extension OwnDomain {
    /// Where the TXT record is.
    package var recordName: String { "_store-weaver." + host.rawValue }
}

/// What a store's row has of a domain.
package struct DomainBrief: Sendable, Equatable {
    package let host: DomainName
    package let state: DomainState
    package let isPrimary: Bool

    /// Reads `stores.domains`: `host state`, and ` primary`, separated by commas. `nil` for anything else.
    package static func list(_ text: String) -> [DomainBrief]? {
        var briefs: [DomainBrief] = []
        for entry in text.split(separator: ",") {
            let words = entry.split(separator: " ", omittingEmptySubsequences: false)
            guard (2...3).contains(words.count), let host = DomainName(stored: String(words[0])),
                let state = DomainState(rawValue: String(words[1])),
                words.count == 2 || words[2] == "primary"
            else { return nil }
            briefs.append(DomainBrief(host: host, state: state, isPrimary: words.count == 3))
        }
        return briefs
    }
}

/// The hosts of its own at which a store is served.
package struct OwnHosts: Sendable, Equatable {
    package var hosts: [DomainName] = []
    /// Which of them is its address; `nil`: the host of ours.
    package var primary: DomainName?

    package static let none = OwnHosts()

    package init() {}

    /// Reads `own_hosts` and `primary_host`; `nil` for what those cannot hold.
    package init?(hosts: String, primary: String?) {
        for text in hosts.split(separator: ",") {
            guard let host = DomainName(stored: String(text)) else { return nil }
            self.hosts.append(host)
        }
        guard let primary else { return }
        guard let name = DomainName(stored: primary), self.hosts.contains(name) else { return nil }
        self.primary = name
    }
}
