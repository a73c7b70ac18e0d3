/// What the programs assume where a setting is not given: the servers that `scripts/up` starts on their usual ports.
package enum PlatformDefaults {
    package static let databaseURL = "postgresql://storeweaver@127.0.0.1:15432/storeweaver"
    package static let redisURL = "redis://127.0.0.1:16379"

    /// What `RESERVED_NAMES` holds unless it is set: slugs that would take the platform's own host or namespace.
    package static let reservedNames = "api,www,admin,dashboard,app,auth,weaver"
}
