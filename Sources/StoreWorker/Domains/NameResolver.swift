import CResolver
import NIOPosix
package import StoreDomain

/// Asks the DNS by the system's resolver library. What it answers is anybody's: it is read once, by that library, and bounded.
package struct NameResolver: Sendable {
    package enum Answer<Value: Sendable & Equatable>: Sendable, Equatable {
        case found(Value)
        /// The name is not there, or has no such record.
        case none
        /// No resolver answered, or what it answered cannot be read.
        case unknown
    }

    private static let mostRecords = 50
    private static let largestAnswer = 16_384

    private let servers: [NameServer]
    private let seconds: Int32

    /// `servers`: empty: the system's. `seconds`: how long each is waited for, twice.
    package init(servers: [NameServer], seconds: Int = 3) {
        self.servers = servers
        self.seconds = Int32(seconds)
    }

    /// The texts of a name, its own alone: what another name has that it is an alias of does not count.
    package func texts(of name: String) async -> Answer<[String]> {
        await ask(name, type: 16) { records in
            let own = records.filter { $0.owner.lowercased() == name.lowercased() }.compactMap { Self.text($0.data) }
            return own.isEmpty ? nil : own
        }
    }

    /// IPv4 and IPv6, also those of the names that it is an alias of.
    package func addresses(of name: String) async -> Answer<[NetworkAddress]> {
        async let four = ask(name, type: 1) { $0.compactMap { NetworkAddress(bytes: $0.data) } }
        async let six = ask(name, type: 28) { $0.compactMap { NetworkAddress(bytes: $0.data) } }
        switch (await four, await six) {
        case (.found(let four), .found(let six)): return .found(four + six)
        case (.found(let found), _), (_, .found(let found)): return .found(found)
        case (.unknown, _), (_, .unknown): return .unknown
        case (.none, .none): return .none
        }
    }

    private struct Record: Equatable {
        let owner: String
        let data: [UInt8]
    }

    /// `read`: what records of that type say; `nil`: nothing.
    private func ask<Value: Sendable & Equatable>(
        _ name: String,
        type: UInt16,
        _ read: @escaping @Sendable ([Record]) -> Value?
    ) async -> Answer<Value> {
        let asked = try? await NIOThreadPool.singleton.runIfActive { [servers, seconds] in
            Self.records(name, type, servers.map(\.socketAddress), seconds)
        }
        guard let asked else { return .unknown }
        return switch asked {
        case .found(let records): read(records).map { .found($0) } ?? .none
        case .none: .none
        case .unknown: .unknown
        }
    }

    private static func records(_ name: String, _ type: UInt16, _ servers: [sockaddr_in], _ seconds: Int32) -> Answer<[Record]> {
        var answer = [UInt8](repeating: 0, count: largestAnswer)
        let length = resolver_query(name, type, servers, Int32(servers.count), seconds, &answer, Int32(answer.count))
        guard length >= 0 else { return length == -1 ? .none : .unknown }
        let count = min(Int(length), answer.count)
        return answer.withUnsafeBufferPointer { bytes in
            var found: [Record] = []
            for index in 0..<mostRecords {
                var record = resolver_record()
                let outcome = resolver_record_at(bytes.baseAddress, Int32(count), Int32(index), &record)
                if outcome == 0 { break }
                guard outcome == 1 else { return .unknown }
                guard record.type == type else { continue }
                let owner = withUnsafeBytes(of: record.owner) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
                found.append(Record(owner: owner, data: Array(UnsafeBufferPointer(start: record.data, count: Int(record.length)))))
            }
            return found.isEmpty ? .none : .found(found)
        }
    }

    /// The strings of a TXT record, each after its length, as one; `nil` for what is not made so.
    private static func text(_ data: [UInt8]) -> String? {
        var (text, rest): ([UInt8], ArraySlice<UInt8>) = ([], data[...])
        while let length = rest.popFirst() {
            guard rest.count >= Int(length) else { return nil }
            text += rest.prefix(Int(length))
            rest = rest.dropFirst(Int(length))
        }
        return String(validating: text, as: UTF8.self)
    }
}
