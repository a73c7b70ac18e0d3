import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JobQueue
import Logging
import StoreDomain
import StoreRecords

/// Signing up, in and out, and the session that lasts meanwhile: a short-lived access token in a cookie, and a refresh token in another
/// that is exchanged for the next pair.
struct SessionRoutes: Sendable {
    /// Of a session that nobody uses.
    static let lifetime = Duration.seconds(30 * 86_400)
    /// For how long a refresh token that was just exchanged is taken for another tab's.
    static let grace = Duration.seconds(30)
    /// Failures in a row that lock nothing: of an e-mail address from one client's address, and from anywhere.
    static let freeFailures = (perClient: 5, perAccount: 50)
    /// Sign-ins and sign-ups of one client's address in a minute.
    static let attemptsPerMinute = 30

    let records: StoreRecords
    let authenticator: Authenticator
    let limiter: RateLimiter
    let limits: RequestLimits
    let origins: Set<String>
    /// `nil`: no mail is sent.
    let letters: PasswordLetters?

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/auth/session", for: .open, session)
        table.on(.post, "/api/auth/sign-up", for: .open, signUp)
        table.on(.post, "/api/auth/sign-in", for: .open, signIn)
        table.on(.post, "/api/auth/sign-out", for: .open, signOut)
        table.on(.post, "/api/auth/refresh", for: .open, refresh)
        table.on(.post, "/api/auth/password", for: .manageAccount, changePassword)
        addForgotten(to: &table)
    }

    /// How one signs in here, and who is signed in.
    @Sendable private func session(_ request: Request, _ context: APIContext) async throws -> Response {
        .json { json in
            json.field("mode", authenticator.modeName)
            json.field("signUp", authenticator.accounts?.settings.signUp.rawValue)
            // A forgotten password can be set anew by a link in a mail.
            json.field("forgotten", authenticator.accounts != nil && letters != nil)
            guard let principal = context.principal, let user = principal.user else { return }
            json.object("user") {
                $0.field("id", user.rawValue)
                $0.field("name", principal.name)
                $0.field("role", principal.role.rawValue)
            }
            guard case .session(let id) = principal.means, let signer = authenticator.accounts?.signer else { return }
            json.field("csrfToken", signer.antiForgeryToken(of: id))
            json.field("expiresAt", principal.expiresAt)
        }
    }

    @Sendable private func signUp(_ request: Request, _ context: APIContext) async throws -> Response {
        let accounts = try await begin(request, context)
        let body = try await JSONBody(request, "email", "password", "invitation")
        let (email, password) = (try body.email(), try body.newPassword())
        var invitation: TokenReference?
        switch accounts.settings.signUp {
        case .open: break
        case .closed: throw APIError(.forbidden, "Accounts are made by the operators of this installation")
        case .invitation:
            guard let text = try body.text("invitation") else { throw APIError(.forbidden, "An invitation is needed to sign up") }
            guard let token = SecretToken(text, kind: .invitation) else { throw Self.invalidInvitation }
            invitation = token.reference
        }
        let hash = try await hashing { try await accounts.passwords.hash(password) }
        switch try await records.signUp(email, passwordHash: hash, invitation: invitation, by: context.as(email)) {
        case .created(let account):
            return try await open(account, request, context, accounts, status: .created)
        case .emailTaken:
            throw APIError(.conflict, "There is an account with this e-mail address already: sign in", code: "email-taken", field: "email")
        case .invitationInvalid: throw Self.invalidInvitation
        }
    }

    @Sendable private func signIn(_ request: Request, _ context: APIContext) async throws -> Response {
        let accounts = try await begin(request, context)
        let body = try await JSONBody(request, "email", "password")
        let (email, password) = (try body.email(), try body.password())
        let client = context.address?.description ?? ""
        let subjects = (client: "\(email.rawValue.lowercased())|\(client)", account: email.rawValue.lowercased())
        if let wait = try await records.signInLock([subjects.client, subjects.account]) {
            let seconds = Int(wait.rounded(.up))
            throw APIError(.tooManyRequests, "Too many failed sign-ins. Please try again in \(seconds) s.", retryAfter: seconds)
        }
        let known = try await records.account(email)
        let (matches, renewed) = try await hashing { try await accounts.passwords.check(password, against: known?.passwordHash) }
        let actor = context.as(email)
        guard matches, let known, known.account.disabledAt == nil else {
            try await records.failSignIn(subjects.client, free: Self.freeFailures.perClient)
            try await records.failSignIn(subjects.account, free: Self.freeFailures.perAccount)
            try await records.audit(actor, "account.sign-in", target: known?.account.id.rawValue, outcome: .refused)
            // The same for an address that has no account, a wrong password and an account that is disabled.
            throw APIError(.unauthorized, "The e-mail address or the password is not right", code: "wrong-password")
        }
        if let renewed { try await records.rehashPassword(of: known.account.id, from: known.passwordHash, to: renewed) }
        try await records.forgetFailures([subjects.client, subjects.account])
        try await records.audit(actor, "account.sign-in", target: known.account.id.rawValue)
        return try await open(known.account, request, context, accounts, status: .ok)
    }

    @Sendable private func refresh(_ request: Request, _ context: APIContext) async throws -> Response {
        let accounts = try keptHere()
        try refuseOtherSites(request)
        guard let token = try request.cookie(accounts.settings.cookies.refresh).flatMap({ SecretToken($0, kind: .session) }) else {
            throw APIError(.unauthorized, "Not signed in")
        }
        let next = SecretToken.random(.session, id: token.id)
        let outcome = try await records.refreshSession(
            token.reference,
            next: next.secretHash,
            for: Self.lifetime,
            grace: Self.grace,
            address: context.address?.description
        )
        switch outcome {
        case .rotated(let account):
            return try await answer(account, session: token.id, refresh: next, accounts, status: .ok)
        case .same(let account):
            return try await answer(account, session: token.id, refresh: nil, accounts, status: .ok)
        case .reused(let account):
            context.logger.warning("A refresh token was used twice: its session is over", metadata: ["account": "\(account.id)"])
            throw APIError(.unauthorized, "Session expired; sign in again")
        case .unknown:
            throw APIError(.unauthorized, "Session expired; sign in again")
        }
    }

    @Sendable private func signOut(_ request: Request, _ context: APIContext) async throws -> Response {
        let accounts = try keptHere()
        try refuseOtherSites(request)
        if let token = try request.cookie(accounts.settings.cookies.refresh).flatMap({ SecretToken($0, kind: .session) }) {
            try await records.endSession(token.reference, address: context.address?.description)
        }
        var response = Response.json { $0.field("message", "Signed out") }
        for cookie in accounts.settings.cookies.cleared {
            response.headers.append(.init(name: .setCookie, value: cookie))
        }
        return response
    }

    @Sendable private func changePassword(_ request: Request, _ context: APIContext) async throws -> Response {
        let accounts = try keptHere()
        guard case .session(let session) = context.principal?.means, let user = context.user else {
            throw APIError(.forbidden, "This is for people who are signed in")
        }
        let body = try await JSONBody(request, "current", "new")
        let (current, new) = (try body.password("current"), try body.newPassword("new"))
        let subject = "\(user.rawValue)|password"
        if let wait = try await records.signInLock([subject]) {
            let seconds = Int(wait.rounded(.up))
            throw APIError(.tooManyRequests, "Too many wrong passwords. Please try again in \(seconds) s.", retryAfter: seconds)
        }
        let known = try await records.account(user)
        guard try await hashing({ try await accounts.passwords.check(current, against: known?.passwordHash).matches }) else {
            try await records.failSignIn(subject, free: Self.freeFailures.perClient)
            throw APIError(.forbidden, "The current password is not right")
        }
        let hash = try await hashing { try await accounts.passwords.hash(new) }
        _ = try await records.setPassword(of: user, hash: hash, keeping: session, by: context.operator)
        return .json { $0.field("message", "The password is changed; every other session is signed out") }
    }

    // MARK: - What they share

    private static let invalidInvitation = APIError(.forbidden, "This invitation is not valid any more, or is for another address")

    private func keptHere() throws -> Authenticator.Accounts {
        guard let accounts = authenticator.accounts else {
            throw APIError(.notFound, "Accounts are not managed here: AUTH_MODE is \(authenticator.modeName)")
        }
        return accounts
    }

    func begin(_ request: Request, _ context: APIContext) async throws -> Authenticator.Accounts {
        let accounts = try keptHere()
        try refuseOtherSites(request)
        try refusePlainHTTP(request, accounts.settings.cookies)
        if limits.perAddress > 0, let address = context.address?.description {
            try await limiter.admit(RateLimit(name: "sign-in:\(address)", requests: min(limits.perAddress, Self.attemptsPerMinute)))
        }
        return accounts
    }

    /// Without TLS a session is for who has the server on the same machine: elsewhere who listens would have it, and any page below the host could
    /// put another in its place.
    private func refusePlainHTTP(_ request: Request, _ cookies: SessionCookies) throws {
        guard !cookies.isSecure else { return }
        guard SessionCookies.isLocal(request.head.authority ?? "") else {
            throw APIError(
                .forbidden,
                "Signing in without TLS works at http://localhost alone: serve this by https and set COOKIE_SECURE=true",
                code: "tls-needed"
            )
        }
    }

    /// Nobody is to be signed in, or out, by another site's form. Who is no browser sends neither header.
    private func refuseOtherSites(_ request: Request) throws {
        if let site = request.headers[.secFetchSite], ["same-origin", "none"].contains(site) { return }
        guard let origin = request.headers[.origin] else {
            guard request.headers[.secFetchSite] == nil else { throw APIError(.forbidden, "Cross-site request rejected") }
            return
        }
        let host = origin.split(separator: "/").last.map(String.init)
        guard origins.contains(origin) || (host != nil && host == request.head.authority) else {
            throw APIError(.forbidden, "Cross-site request rejected")
        }
    }

    func hashing<Value>(_ work: () async throws -> Value) async throws -> Value {
        do { return try await work() } catch is Passwords.Busy {
            throw APIError(.serviceUnavailable, "Too many people sign in just now. Please try again.", retryAfter: 5)
        }
    }

    private func open(
        _ account: Account,
        _ request: Request,
        _ context: APIContext,
        _ accounts: Authenticator.Accounts,
        status: HTTPResponse.Status
    ) async throws -> Response {
        let token = SecretToken.random(.session)
        try await records.openSession(
            token.reference,
            of: account.id,
            for: Self.lifetime,
            by: ClientDescription(address: context.address?.description, userAgent: request.headers[.userAgent])
        )
        return try await answer(account, session: token.id, refresh: token, accounts, status: status)
    }

    /// `refresh` nil: the browser has the newer one already.
    private func answer(
        _ account: Account,
        session: String,
        refresh: SecretToken?,
        _ accounts: Authenticator.Accounts,
        status: HTTPResponse.Status
    ) async throws -> Response {
        let access = try await accounts.signer.accessToken(user: account.id, email: account.email, role: account.role, session: session)
        var response = Response.json(status: status) { json in
            json.object("user") {
                $0.field("id", account.id.rawValue)
                $0.field("name", account.email.rawValue)
                $0.field("role", account.role.rawValue)
            }
            json.field("csrfToken", accounts.signer.antiForgeryToken(of: session))
            json.field("expiresAt", Date().addingTimeInterval(SessionSigner.lifetime))
        }
        let cookies = accounts.settings.cookies
        response.headers.append(.init(name: .setCookie, value: cookies.set(access: access)))
        if let refresh {
            let seconds = Int(Self.lifetime.components.seconds)
            response.headers.append(.init(name: .setCookie, value: cookies.set(refresh: refresh.text, for: seconds)))
        }
        return response
    }
}

extension APIContext {
    /// Who signs in, as the audit names them: nobody is signed in yet.
    fileprivate func `as`(_ email: EmailAddress) -> Operator {
        Operator(name: email.rawValue, source: .api, address: address?.description)
    }
}

extension HTTPField.Name {
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .from
}
