import Foundation
package import StoreDomain

/// What a list shows. The empty query is every store, newest first.
package struct StoreQuery: Sendable, Equatable {
    /// Those that this user has or is a member of; `nil`: everybody's.
    package var visibleTo: UserID?
    /// `nil`: any.
    package var owner: UserID?
    /// Empty: any.
    package var statuses: Set<StoreStatus>
    /// Empty: any.
    package var engines: Set<Engine>
    /// Empty: any.
    package var plans: Set<StorePlan>
    /// Empty: any. Of the chart.
    package var versions: Set<ChartVersion>
    /// `nil`: any.
    package var isAsleep: Bool?
    /// `nil`: any.
    package var namespace: StoreNamespace?
    /// Found, ignoring case, in the name, namespace, engine or status.
    package var text: String?
    package var sort: StoreSort
    /// `nil`: all.
    package var limit: Int?
    package var after: StoreCursor?

    package init(
        visibleTo: UserID? = nil,
        owner: UserID? = nil,
        statuses: Set<StoreStatus> = [],
        engines: Set<Engine> = [],
        plans: Set<StorePlan> = [],
        versions: Set<ChartVersion> = [],
        isAsleep: Bool? = nil,
        namespace: StoreNamespace? = nil,
        text: String? = nil,
        sort: StoreSort = .newest,
        limit: Int? = nil,
        after: StoreCursor? = nil
    ) {
        self.visibleTo = visibleTo
        self.owner = owner
        self.statuses = statuses
        self.engines = engines
        self.plans = plans
        self.versions = versions
        self.isAsleep = isAsleep
        self.namespace = namespace
        self.text = text
        self.sort = sort
        self.limit = limit
        self.after = after
    }
}

package enum StoreSort: String, Sendable, CaseIterable {
    case newest
    case oldest
    case name
    case status
}

package struct StorePage: Sendable {
    package var stores: [Store]
    /// Where the next page begins; `nil` on the last.
    package var next: StoreCursor?
}

/// A place in a sorted list, opaque to clients: the sort and the last row's keys.
package struct StoreCursor: Sendable, Equatable {
    let sort: StoreSort
    /// The sort's own key (lower-case name, status); empty for the sorts by time.
    let key: String
    let createdAtMicroseconds: Int64
    let id: StoreID

    /// From the year 1 to the year 9999.
    private static let times: Range<Int64> = -62_135_596_800_000_000..<253_402_300_800_000_000

    init(sort: StoreSort, key: String, createdAtMicroseconds: Int64, id: StoreID) {
        self.sort = sort
        self.key = key
        self.createdAtMicroseconds = createdAtMicroseconds
        self.id = id
    }

    /// `nil` for text that no list of ours gave out.
    package init?(_ text: String) {
        let base64 = text.replacing("-", with: "+").replacing("_", with: "/")
        let padded = base64 + String(repeating: "=", count: (4 - base64.count % 4) % 4)
        guard text.utf8.count <= 2_000, let data = Data(base64Encoded: padded), let plain = String(data: data, encoding: .utf8) else {
            return nil
        }
        let parts = plain.split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false)
        guard
            parts.count == 4, let sort = StoreSort(rawValue: String(parts[0])), let id = StoreID(String(parts[1])),
            let microseconds = Int64(parts[2]), Self.times.contains(microseconds)
        else { return nil }
        self.init(sort: sort, key: String(parts[3]), createdAtMicroseconds: microseconds, id: id)
    }

    /// URL-safe.
    package var text: String {
        let base64 = Data("\(sort.rawValue)|\(id)|\(createdAtMicroseconds)|\(key)".utf8).base64EncodedData()
        let letters = base64.compactMap { letter -> UInt8? in
            switch letter {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: letter
            }
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// Whether a list in this order may go on from here.
    package func fits(_ sort: StoreSort) -> Bool { self.sort == sort }
}
