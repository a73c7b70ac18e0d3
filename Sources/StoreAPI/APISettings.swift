package import Configuration
package import Foundation
package import Program
package import Sealing
package import StoreDomain
package import StoreRecords

/// What the API is told by its environment.
package struct APISettings: Sendable {
    package var host: String
    package var port: Int
    package var limits: StoreLimits
    /// For how many days a deleted store can be brought back.
    package var keepDeletedDays: Int
    /// Slugs that get the suffixed namespace.
    package var reservedSlugs: Set<String>
    /// Where stores are reached; `nil`: this API was not told.
    package var addressing: StoreAddressing?
    /// What no owner can bring along.
    package var domains: DomainRules
    /// Origins whose pages may call.
    package var origins: Set<String>
    /// Opens `/api/admin/…`; `nil`: it is closed.
    package var adminToken: String?

    /// Where the dashboard's files are read at each request, while somebody works on them; `nil`: those of the program are served.
    package var dashboardFolder: URL?

    /// How many event streams this process serves at once.
    package var eventStreams: Int

    package var abuse: RequestLimits
    package var authMode: AuthMode
    /// Opens what workers seal; `nil`: no credentials are shown.
    package var seal: CredentialSeal?

    /// Seals channels; `nil`: there are none.
    package var channelSeal: ChannelSeal?
    /// Whose mail people get from the couriers, and the page's address in it; `nil`: they send none.
    package var mail: (from: String, page: String)?
    /// Where webhooks may lead.
    package var outbound: OutboundPolicy

    /// The vault, and what signs tokens for archives there; `nil`: stores are neither exported nor imported.
    package var archives: (vault: VaultAddress, keys: KeyRing)?

    /// How long an archive may be that somebody sends, in bytes.
    package var importLimit: Int64

    /// Reads, from the environment:
    /// - `HOST` (0.0.0.0), `PORT` (3000; 0 takes a free one): where to listen.
    /// - `AUTH_MODE` (header) and others: how it knows who asks, see `AuthMode`.
    /// - `MAX_STORES` (50), `MAX_STORES_PER_USER` (100): at least 0.
    /// - `MAX_UNITS_PER_USER` (4 for each of `MAX_STORES_PER_USER`): units of plans, see `StorePlan`.
    /// - `KEEP_DELETED_DAYS` (7): for how many days a deleted store can be brought back; 0: it is gone at once.
    /// - `RESERVED_NAMES`: slugs, separated by commas.
    /// - `ADMIN_TOKEN`: 16 characters or more; who sends it as a bearer token may operate the queue. Without it only signed-in operators may.
    /// - `CREDENTIALS_KEYS` (none): the workers' own, to show owners their stores' credentials; see `KeyRing`.
    /// - `CHANNEL_KEYS` (none, and then nobody is told anything), `WEBHOOK_…`: the couriers' own, see `OutboundPolicy`.
    /// - `SMTP_…`, `DASHBOARD_URL`: the couriers' own, too; without both there is no e-mail.
    /// - `VAULT_URL` and `ARCHIVE_KEYS` (none, and then stores are neither exported nor imported): as the workers have them.
    /// - `MAX_IMPORT_MIB` (10240): how long an archive may be that somebody sends.
    /// - `ENVIRONMENT`, `LOCAL_INGRESS_SUFFIX`, `PROD_INGRESS_SUFFIX`, `INGRESS_PORT`: where stores are reached, see `StoreAddressing`.
    /// - `RESERVED_DOMAINS` (none), `PUBLIC_SUFFIX_LIST` (none): what no owner can bring along beside that, see `DomainRules`.
    /// - `CORS_ORIGIN` (`http://localhost:5173,http://localhost:8080`): origins, separated by commas.
    /// - `DASHBOARD_DIR` (none): a folder that is there.
    /// - `MAX_EVENT_STREAMS` (2000): clients that follow changes, in this process; more get 503.
    /// - `RATE_LIMIT_PER_USER` (1200), `RATE_LIMIT_PER_ADDRESS` (6000): requests in a minute; 0: as many as they like.
    /// - `MAX_EVENT_STREAMS_PER_USER` (50): streams of one user, or of one address where nobody is named; more get 429. 0: not counted.
    /// - `TRUSTED_PROXIES` (0): how many proxies stand before the API.
    /// - `REQUEST_TIMEOUT_SECONDS` (30): how long a request may take to arrive, and a connection may be idle.
    ///
    /// Throws `SettingError`, which names the setting.
    package init(reader: ConfigReader) throws {
        host = try reader.listeningHost("host")
        port = try reader.number("port", default: 3_000, in: 0...65_535)
        limits = StoreLimits(
            total: try reader.number("max.stores", default: 50, in: 0...1_000_000),
            perUser: try reader.storesPerUser(),
            unitsPerUser: try reader.unitsPerUser()
        )
        keepDeletedDays = try reader.keepDeletedDays()
        eventStreams = try reader.number("max.event.streams", default: 2_000, in: 0...100_000)
        abuse = try RequestLimits(reader: reader)
        seal = try CredentialSeal(setting: reader.text("credentials.keys", isSecret: true))
        channelSeal = try reader.channelSeal()
        let page = try reader.dashboardURL()
        mail = try MailServer.sender(reader: reader).flatMap { from in page.map { (from, $0) } }
        outbound = try OutboundPolicy(reader: reader)
        let vault = try reader.value("vault.url", VaultAddress.form, VaultAddress.init)
        archives = try reader.archiveKeys().flatMap { keys in vault.map { ($0, keys) } }
        importLimit = Int64(try reader.number("max.import.mib", default: 10_240, in: 1...1_048_576)) << 20
        authMode = try AuthMode(reader: reader)
        reservedSlugs = try reader.reservedSlugs()
        addressing = try StoreAddressing(reader: reader)
        domains = try DomainRules(reader: reader, addressing: addressing)
        origins = Set(
            try reader.list(
                "cors.origin",
                default: "http://localhost:5173,http://localhost:8080",
                "origins such as https://app.example.com, without a path, or *"
            ) { $0 == "*" || WebAddress.isOrigin($0) ? $0 : nil }
        )
        dashboardFolder = try reader.folder("dashboard.dir")
        adminToken = reader.text("admin.token", isSecret: true)
        // It is sent in a header, after a word and a space.
        if let adminToken, adminToken.utf8.count < 16 || !Self.canBeSent(adminToken) {
            throw SettingError(message: "ADMIN_TOKEN must have at least 16 characters, all of them ASCII, without spaces at its ends")
        }
    }

    /// As the end of a header's value.
    private static func canBeSent(_ token: String) -> Bool {
        token.utf8.allSatisfy { (0x20...0x7e).contains($0) } && token.first != " " && token.last != " "
    }
}
