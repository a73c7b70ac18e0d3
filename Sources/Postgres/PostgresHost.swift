import Foundation
import Synchronization

/// One of the hosts of a connection URI.
struct PostgresHost: Sendable, Hashable {
    /// A name, an address, or a socket's folder; `nil`: what libpq takes without one.
    let name: String?
    /// In numbers, as the URI has it.
    let address: String?
    let port: String?

    /// By libpq's lists, which commas part; one port is all hosts'.
    static func all(host: String?, address: String?, port: String?) -> [PostgresHost] {
        func list(_ text: String?) -> [String] { (text ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
        let (hosts, addresses, ports) = (list(host), list(address), list(port))
        return (0..<max(hosts.count, addresses.count)).map { place in
            func value(_ list: [String]) -> String? {
                let text = list.count == 1 ? list[0] : place < list.count ? list[place] : ""
                return text.isEmpty ? nil : text
            }
            return PostgresHost(name: value(hosts), address: value(addresses), port: value(ports))
        }
    }

    /// The addresses to try, those of a name as the resolver has them; `nil` alone: libpq finds its way. Blocks.
    ///
    /// libpq tries a name's addresses one after the other, too, but without a limit for each: one that is silent would take all the time.
    func addresses() -> [String?] {
        guard address == nil, let name, !name.hasPrefix("/"), !name.hasPrefix("@") else { return [address] }
        var hints = unsafe addrinfo()
        #if canImport(Glibc)
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        unsafe hints.ai_socktype = SOCK_STREAM
        #endif
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(name, nil, &hints, &found) == 0 else { return [nil] }
        defer { unsafe freeaddrinfo(found) }
        var addresses: [String] = []
        var next = unsafe found
        while let entry = unsafe next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = unsafe entry.pointee.ai_addrlen
            if unsafe getnameinfo(entry.pointee.ai_addr, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !addresses.contains(address) { addresses.append(address) }
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses.isEmpty ? [nil] : addresses
    }

    /// The addresses that answered last, by the URI's hosts: they are tried first.
    static let answered = Mutex<[[PostgresHost]: Candidate]>([:])

    struct Candidate: Sendable, Hashable {
        let host: PostgresHost
        let address: String?
    }
}
