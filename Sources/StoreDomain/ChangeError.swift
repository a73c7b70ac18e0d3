package import struct Foundation.Date

/// Why a change of a store that serves was not made.
package struct ChangeFailure: Sendable, Equatable {
    /// A word for programs, e.g. `helm-conflict`.
    package var code: String
    /// For people: what was in the way, and what can be done.
    package var message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// The last change of a store, which was not made: the store serves as it did before.
package struct ChangeError: Sendable, Equatable {
    package var failure: ChangeFailure
    package var at: Date

    package init(_ failure: ChangeFailure, at: Date) {
        self.failure = failure
        self.at = at
    }
}
