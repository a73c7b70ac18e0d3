import Foundation
package import StoreDomain
import Synchronization

/// Finds the addresses of a name.
package protocol HostResolver: Sendable {
    /// None: the name has no address, or nobody could be asked.
    func addresses(of host: String) async -> [NetworkAddress]
}

/// The system's: /etc/hosts and the DNS. An IP address is its own. The system waits for an answer as long as it likes; whoever asks here waits for
/// `patience`, and at most `limit` questions are open at a time: names whose servers never answer must take neither all time nor all threads.
package final class SystemResolver: HostResolver {
    private let patience: Duration
    private let limit: Int
    private let lookup: @Sendable (String) -> [NetworkAddress]
    private let open = Atomic<Int>(0)

    /// `lookup`: blocks its thread until there is an answer.
    package init(
        patience: Duration = .seconds(5),
        limit: Int = 24,
        lookup: @escaping @Sendable (String) -> [NetworkAddress] = SystemResolver.lookup
    ) {
        self.patience = patience
        self.limit = limit
        self.lookup = lookup
    }

    package func addresses(of host: String) async -> [NetworkAddress] {
        if let address = NetworkAddress(host) { return [address] }
        guard open.add(1, ordering: .relaxed).newValue <= limit else {
            open.subtract(1, ordering: .relaxed)
            return []
        }
        let (answers, source) = AsyncStream.makeStream(of: [NetworkAddress].self)
        Thread.detachNewThread { [self] in
            let addresses = lookup(host)
            open.subtract(1, ordering: .relaxed)
            source.yield(addresses)
        }
        let timer = Task { [patience] in
            try await Task.sleep(for: patience)
            source.yield([])
        }
        defer { timer.cancel() }
        for await answer in answers { return answer }
        return []
    }

    /// getaddrinfo.
    package static func lookup(_ host: String) -> [NetworkAddress] {
        var hints = addrinfo()
        #if canImport(Darwin)
        hints.ai_socktype = SOCK_STREAM
        #else
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var addresses: [NetworkAddress] = []
        for entry in sequence(first: first, next: { $0?.pointee.ai_next }) {
            guard let entry, let address = entry.pointee.ai_addr else { continue }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            guard getnameinfo(address, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
                continue
            }
            let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if let found = NetworkAddress(NetworkAddress.host(of: "[\(name)]")) { addresses.append(found) }
        }
        return addresses
    }
}
