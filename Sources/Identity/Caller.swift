package import StoreDomain

/// Who asks. Header mode: whoever the caller, or the proxy before us, says it is.
package struct Caller: Sendable, Equatable {
    /// `nil`: nobody in particular, who sees every store and owns those it makes to nobody.
    package let user: UserID?

    package init(user: UserID?) { self.user = user }

    /// The `X-User-Id` header wins over the body's `userId`. Throws for a value that is no user's name; an empty one counts as absent.
    package static func identified(header: String?, body: String? = nil) throws(InvalidUserID) -> Caller {
        guard let text = [header, body].compactMap({ $0 }).first(where: { !$0.allSatisfy(\.isWhitespace) }) else {
            return Caller(user: nil)
        }
        guard let user = UserID(text) else { throw InvalidUserID() }
        return Caller(user: user)
    }
}

/// A user id longer than 200 characters or with control characters.
package struct InvalidUserID: Error, Sendable {}
