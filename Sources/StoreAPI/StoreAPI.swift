package import Hummingbird
package import JobDispatch
package import JobQueue
package import Logging
import NIOCore
import Program
package import StoreRecords

/// The API as an application that an executable or a test runs.
package struct StoreAPI: Sendable {
    /// What it works with.
    package struct Dependencies: Sendable {
        package let records: StoreRecords
        package let queue: JobQueue
        package let jobs: JobEnqueuer
        package let feed: ChangeFeed
        package let authenticator: Authenticator

        package init(records: StoreRecords, queue: JobQueue, jobs: JobEnqueuer, feed: ChangeFeed, authenticator: Authenticator) {
            self.records = records
            self.queue = queue
            self.jobs = jobs
            self.feed = feed
            self.authenticator = authenticator
        }
    }

    private let settings: APISettings
    private let dependencies: Dependencies
    private let files: FileRoutes

    /// Throws when the files that it serves are missing.
    package init(settings: APISettings, dependencies: Dependencies) throws {
        self.settings = settings
        self.dependencies = dependencies
        files = try FileRoutes(dashboardFolder: settings.dashboardFolder)
    }

    /// Every route, as `METHOD /path/{parameter}`, in the document's form.
    package var routes: [String] { router(counting: RateLimiter(queue: dependencies.queue, logger: Logger(label: "routes"))).routes }

    /// `onListening` gets the port, which matters where the setting is 0.
    package func application(
        logger: Logger,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let limiter = RateLimiter(queue: dependencies.queue, logger: logger)
        return Application(
            responder: APIResponder(
                routes: router(counting: limiter).router.buildResponder(),
                admission: Admission(authenticator: dependencies.authenticator, limiter: limiter, limits: settings.abuse),
                headers: ResponseHeaders(
                    origins: settings.origins,
                    takesCookies: dependencies.authenticator.accounts != nil,
                    proxies: settings.abuse.proxies
                ),
                records: dependencies.records,
                page: files.notFound
            ),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [HTTP1Handlers()],
                    idleTimeout: TimeAmount(settings.abuse.requestTimeout),
                    httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 * 1_024, maxHeaderListSize: 32 * 1_024, maxHeaderFieldCount: 100)
                )
            ),
            configuration: .init(address: .hostname(settings.host, port: settings.port), serverName: "store-weaver"),
            onServerRunning: { channel in if let port = channel.localAddress?.port { await onListening(port) } },
            logger: logger
        )
    }

    private func router(counting limiter: RateLimiter) -> (router: Router<APIContext>, routes: [String]) {
        let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
        let authenticator = dependencies.authenticator
        var table = RouteTable(
            router: router,
            access: AccessControl(
                authenticator: authenticator,
                records: dependencies.records,
                hasInstallationToken: settings.adminToken != nil
            )
        )
        SessionRoutes(
            records: dependencies.records,
            authenticator: authenticator,
            limiter: limiter,
            limits: settings.abuse,
            origins: settings.origins,
            letters: settings.channelSeal.flatMap { seal in settings.mail.map { PasswordLetters(seal: seal, page: $0.page) } }
        ).add(to: &table)
        OwnSessionRoutes(records: dependencies.records).add(to: &table)
        TokenRoutes(records: dependencies.records, authenticator: authenticator).add(to: &table)
        AccountRoutes(records: dependencies.records, authenticator: authenticator).add(to: &table)
        let creation = StoreCreation(records: dependencies.records, jobs: dependencies.jobs, limits: settings.limits)
        StoreRoutes(records: dependencies.records, jobs: dependencies.jobs, settings: settings, creation: creation).add(to: &table)
        BackupRoutes(
            records: dependencies.records,
            jobs: dependencies.jobs,
            copies: StoreCopies(
                records: dependencies.records,
                jobs: dependencies.jobs,
                reservedSlugs: settings.reservedSlugs,
                limits: settings.limits
            ),
            keepDeletedDays: settings.keepDeletedDays,
            creation: creation
        ).add(to: &table)
        let archives = settings.archives.map { ArchiveClient(address: $0.vault, keys: $0.keys) }
        ExportRoutes(records: dependencies.records, jobs: dependencies.jobs, archives: archives, creation: creation).add(to: &table)
        ImportRoutes(records: dependencies.records, archives: archives, limit: settings.importLimit, creation: creation).add(to: &table)
        ChangeRoutes(records: dependencies.records, jobs: dependencies.jobs, limits: settings.limits).add(to: &table)
        DomainRoutes(records: dependencies.records, jobs: dependencies.jobs, rules: settings.domains).add(to: &table)
        MemberRoutes(
            records: dependencies.records,
            jobs: dependencies.jobs,
            limits: settings.limits,
            hasAccounts: authenticator.accounts != nil
        ).add(to: &table)
        PinRoutes(records: dependencies.records).add(to: &table)
        PlanRoutes(records: dependencies.records).add(to: &table)
        UsageRoutes(records: dependencies.records).add(to: &table)
        ChannelRoutes(
            records: dependencies.records,
            seal: settings.channelSeal,
            check: OutboundCheck(policy: settings.outbound),
            mailFrom: settings.mail?.from
        ).add(to: &table)
        let credentials = SealedCredentials(records: dependencies.records, seal: settings.seal)
        CredentialRoutes(credentials: credentials, jobs: dependencies.jobs, limits: settings.limits).add(to: &table)
        AdminSessionRoutes(credentials: credentials).add(to: &table)
        AuditRoutes(records: dependencies.records).add(to: &table)
        AttemptRoutes(records: dependencies.records).add(to: &table)
        LiveRoutes(records: dependencies.records, feed: dependencies.feed, limits: settings.abuse).add(to: &table)
        PodLogRoutes(records: dependencies.records, feed: dependencies.feed, limits: settings.abuse).add(to: &table)
        AdminRoutes(
            records: dependencies.records,
            queue: dependencies.queue,
            operations: OperatorActions(records: dependencies.records, queue: dependencies.queue, jobs: dependencies.jobs)
        ).add(to: &table)
        IncidentRoutes(records: dependencies.records).add(to: &table)
        RolloutRoutes(records: dependencies.records).add(to: &table)
        HealthRoutes(records: dependencies.records, queue: dependencies.queue).add(to: &table)
        files.add(to: &table)
        table.refuseOtherMethods()
        let routes = table.methods.flatMap { path, methods in
            methods.map { method in
                let documented = path.split(separator: "/").map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }.joined(
                    separator: "/"
                )
                return "\(method.rawValue) /\(documented)"
            }
        }
        return (router, routes.sorted())
    }
}
