import Foundation

/// The names of all settings, and whether another name may have been meant for one.
package enum SettingNames {
    /// As docs/settings.md has them.
    package static let all: Set<String> = [
        "ADMIN_TOKEN", "AUTH_KEYS", "AUTH_MODE", "AUTH_PROXY_ADDRESSES", "COOKIE_SECURE", "CORS_ORIGIN", "CREDENTIALS_KEYS",
        "DASHBOARD_DIR", "DASHBOARD_URL", "DATABASE_URL", "DRAIN_SECONDS", "ENVIRONMENT", "HEALTH_PROBE_SECONDS", "HELM_CHART_ARCHIVE",
        "HELM_CHART_PATH",
        "HELM_CHART_PATH_MEDUSA", "HELM_GUARD_PATH", "HELM_PATH", "HOST", "IMAGE_REGISTRY", "INGRESS_ADDRESS_REQUIRED",
        "IMAGE_PULL_CONFIG", "IMAGE_REGISTRY_OFFICIAL", "INGRESS_CERTIFICATE_REQUIRED", "INGRESS_CLASS", "INGRESS_NAMESPACE",
        "INGRESS_PORT", "INTERNET_PORTS", "CERTIFICATE_ISSUER", "MEDUSA_IMAGE", "OWNER_PLUGINS", "SMTP_FROM", "SMTP_HOST",
        "SMTP_PASSWORD", "SMTP_PORT", "SMTP_TLS", "SMTP_USER", "STORAGE_CLASS", "WOOCOMMERCE_IMAGE", "NODE_CIDRS",
        "GRACE_UNSERVED_SECONDS", "KEEP_AUDIT_DAYS", "KEEP_DELETED_DAYS",
        "KEEP_HISTORY_DAYS", "KEEP_JOBS_DAYS", "KUBECONFIG", "LEASE_RENEW_SECONDS", "LEASE_KILL_SECONDS", "LEASE_SECONDS",
        "LEASE_TAKEOVER_SECONDS", "LEASE_TERMINATE_SECONDS", "LIMIT_MEDUSA_SECONDS", "LIMIT_UNINSTALL_SECONDS", "LIMIT_WOOCOMMERCE_SECONDS",
        "LOCAL_INGRESS_SUFFIX", "LOG_LEVEL", "MAX_CONCURRENT_BACKGROUND", "MAX_CONCURRENT_PROVISIONS", "MAX_EVENT_STREAMS",
        "MAX_EVENT_STREAMS_PER_USER", "MAX_IMPORT_MIB", "MAX_STORES",
        "MAX_STORES_PER_USER", "MAX_UNITS_PER_USER", "OIDC_ADMIN_GROUPS", "OIDC_AUDIENCE", "OIDC_GROUPS_CLAIM", "OIDC_ISSUER",
        "OIDC_OPERATOR_GROUPS",
        "OIDC_USER_CLAIM", "OPERATOR_HOST", "OPERATOR_PORT", "OTEL_EXPORTER_OTLP_ENDPOINT", "GRACE_CONFIGURATION_SECONDS",
        "GRACE_CRASHES", "GRACE_DEGRADED_SECONDS", "GRACE_IMAGE_PULL_SECONDS", "GRACE_REFUSAL_SECONDS",
        "GRACE_UNSCHEDULABLE_SECONDS", "GRACE_VOLUME_SECONDS", "PORT", "PROD_INGRESS_SUFFIX", "RATE_LIMIT_PER_ADDRESS",
        "RATE_LIMIT_PER_USER", "REDIS_URL", "REQUEST_TIMEOUT_SECONDS",
        "RESERVED_NAMES", "ROLLOUT_WINDOW", "SECRETS_DIR", "SIGN_UP", "USE_SAMPLE_SECONDS",
        "STORECTL_OPERATOR", "TRUSTED_PROXIES", "WORKER_CLUSTER_ROLE",
        "WORKER_NAME",
        "ARCHIVE_KEYS", "WORKER_SERVICE_ACCOUNT", "WORKER_SLOTS", "BACKUP_ESCROW_KEY", "BACKUP_KEEP", "BACKUP_VERIFY_DAYS", "BACKUP_WINDOW",
        "GRACE_KEEPER_SECONDS", "KEEPER_IMAGE", "PLATFORM_BACKUP_PASSWORD",
        "ACME_ORDERS_PER_HOUR", "DNS_SERVERS", "DOMAINS_AT_PRIVATE_ADDRESSES", "PUBLIC_SUFFIX_LIST", "RESERVED_DOMAINS",
        "CHANNEL_KEYS", "WEBHOOK_ALLOWED_NETWORKS", "WEBHOOK_HTTP", "WEBHOOK_REFUSED_NETWORKS",
        "LIMIT_BACKUP_SECONDS", "VAULT_KEYS", "VAULT_RESERVED_MIB", "VAULT_STORAGE_URL", "VAULT_URL", "VAULT_VOLUME",
    ]

    /// What the API alone reads.
    package static let ofAPI: Set<String> = [
        "ADMIN_TOKEN", "AUTH_KEYS", "AUTH_MODE", "AUTH_PROXY_ADDRESSES", "COOKIE_SECURE", "CORS_ORIGIN", "DASHBOARD_DIR",
        "MAX_EVENT_STREAMS", "MAX_EVENT_STREAMS_PER_USER", "MAX_IMPORT_MIB", "MAX_STORES", "OIDC_ADMIN_GROUPS", "OIDC_AUDIENCE",
        "OIDC_GROUPS_CLAIM", "OIDC_ISSUER", "OIDC_OPERATOR_GROUPS", "OIDC_USER_CLAIM", "RATE_LIMIT_PER_ADDRESS", "RATE_LIMIT_PER_USER",
        "REQUEST_TIMEOUT_SECONDS",
        "RESERVED_NAMES", "SIGN_UP", "TRUSTED_PROXIES", "PUBLIC_SUFFIX_LIST", "RESERVED_DOMAINS",
    ]

    /// What names that begin so are for, unless they are others': Helm and OpenTelemetry have variables of their own.
    private static let families = [
        "AUTH_", "BACKUP_", "VAULT_", "COOKIE_", "CREDENTIALS_", "DRAIN_", "HEALTH_PROBE_", "KEEP_", "LEASE_", "LIMIT_", "LOCAL_INGRESS_",
        "MAX_STORES",
        "MAX_CONCURRENT_", "MAX_EVENT_", "MAX_UNITS_", "OIDC_", "OPERATOR_", "GRACE_", "PROD_INGRESS_", "RATE_LIMIT_", "RESERVED_",
        "SIGN_UP_",
        "SMTP_", "STORECTL_",
        "TRUSTED_", "USE_SAMPLE_", "VAULT_", "WORKER_", "CHANNEL_", "WEBHOOK_", "HELM_CHART_PATH_", "HELM_GUARD_",
    ]

    static func isKnown(_ name: String) -> Bool { all.contains(name) }

    /// The variable that a file of `SECRETS_DIR` stands for.
    static func variable(of file: String) -> String {
        String(file.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    /// What to warn of: variables that nobody reads, though they look as if they were meant for us, and files of `SECRETS_DIR` that stand for no
    /// setting. In the order of their names.
    package static func warnings(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> [String] {
        let strangers = environment.keys.filter { !isKnown($0) }.sorted().compactMap { name -> String? in
            if let near = nearest(to: name) { return "\(name) is no setting; \(near) is one" }
            return families.contains { name.hasPrefix($0) } ? "\(name) is no setting" : nil
        }
        guard let folder = environment["SECRETS_DIR"], !folder.isEmpty,
            let files = try? FileManager.default.contentsOfDirectory(atPath: folder)
        else { return strangers }
        return strangers
            + files.filter { !$0.hasPrefix(".") && !isKnown(variable(of: $0)) }.sorted().map { file in
                let near = nearest(to: variable(of: file)).map { "; \($0) is one" } ?? ""
                return "\(folder)/\(file) stands for no setting\(near)"
            }
    }

    /// The setting that a mistyped name is for: all but its case is the same, or a letter or two. Short names are near to too many.
    private static func nearest(to name: String) -> String? {
        let upper = name.uppercased()
        if upper != name, isKnown(upper), upper.contains("_") { return upper }
        // No setting has a digit: HELM3_PATH is somebody else's.
        guard name.utf8.count >= 8, name.utf8.allSatisfy({ $0 < 0x80 && !(0x30...0x39).contains($0) }) else { return nil }
        return all.filter { $0.utf8.count >= 8 }.map { ($0, distance($0, name)) }.filter { $0.1 <= 2 }.min { ($0.1, $0.0) < ($1.1, $1.0) }?
            .0
    }

    /// Levenshtein's: how many letters have to be put in, left out or changed.
    private static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        guard abs(one.count - other.count) <= 2 else { return 3 }
        var row = Array(0...other.count)
        for (i, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, against) in other.enumerated() {
                let cost = min(row[j] + 1, row[j + 1] + 1, diagonal + (letter == against ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = cost
            }
        }
        return row[other.count]
    }
}
