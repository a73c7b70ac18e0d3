package import Foundation
package import StoreDomain

/// A link that opens a store's administration signed in.
package enum AdminSession {
    /// What the audit calls it.
    package static let action = "store.admin-session"

    package struct Refusal: Error, Sendable, Equatable {
        /// For programs.
        package let code: String
        /// For people.
        package let message: String
    }

    /// Good once and for `AdminSessionToken.lifetime`.
    package static func url(of store: Store, _ credentials: AdminCredentials, now: Date) throws(Refusal) -> String {
        guard store.status == .ready, let url = store.url else {
            throw Refusal(code: "not-ready", message: "The store is not ready: its admin can be opened once it is")
        }
        guard store.health?.drift != .namespace else {
            throw Refusal(code: "not-ready", message: "The store's namespace is lost: there is no admin to open")
        }
        guard !store.spec.isAsleep, store.activity != .waking else {
            throw Refusal(code: "asleep", message: "The store is asleep: wake it to open its admin")
        }
        guard store.activity != .restoring, store.activity != .upgrading else {
            let change = store.activity == .restoring ? "restored" : "upgraded"
            throw Refusal(code: "busy", message: "The store is closed while it is \(change)")
        }
        guard let key = credentials.signInKey else {
            throw Refusal(
                code: "no-sign-in",
                message: "This store cannot be signed in to by a link yet: that comes with its next upgrade. Sign in with the password."
            )
        }
        return AdminSessionToken(store: url, user: credentials.user, now: now).url(signedBy: key)
    }
}
