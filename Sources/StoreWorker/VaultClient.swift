import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import Provisioning
package import Sealing
package import StoreDomain

/// The vault as a worker asks it: for a repository as a whole.
package struct VaultClient: Sendable {
    /// The vault did not do what it was asked, in words for people.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    private let address: VaultAddress
    private let keys: KeyRing

    package init(address: VaultAddress, keys: KeyRing) {
        self.address = address
        self.keys = keys
    }

    /// Removes all that is kept of the store; what is not there is removed already. Throws `Failure`.
    package func removeRepository(of store: StoreID) async throws {
        let token = VaultToken(store: store, right: .manage, expiresAt: Date() + 600)
        var request = HTTPClientRequest(url: "\(address.url)/\(store)/")
        request.method = .DELETE
        request.setBasicAuth(username: store.rawValue, password: token.signed(by: keys))
        let status: HTTPResponseStatus
        do {
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(300))
            // Its body is of no use, and the connection is free only when it has come.
            _ = try await response.body.collect(upTo: 64 << 10)
            status = response.status
        } catch {
            try Task.checkCancellation()
            throw Failure(description: "The vault cannot be reached: \(error).")
        }
        guard (200..<300).contains(status.code) || status == .notFound else {
            throw Failure(description: "The vault answered \(status.code) and did not remove the backups of \(store).")
        }
    }
}
