import Redis

/// The Lua scripts, each with the prelude before it. Above each script stands what it takes and returns.
enum QueueScripts {
    static let enqueue = script("enqueue", PackageResources.enqueue_lua)
    static let take = script("take", PackageResources.take_lua)
    static let renew = script("renew", PackageResources.renew_lua)
    static let finish = script("finish", PackageResources.finish_lua)
    static let release = script("release", PackageResources.release_lua)
    static let cancel = script("cancel", PackageResources.cancel_lua)
    static let finalize = script("finalize", PackageResources.finalize_lua)
    static let forget = script("forget", PackageResources.forget_lua)
    static let runNow = script("runNow", PackageResources.runNow_lua)
    static let repair = script("repair", PackageResources.repair_lua)
    static let repairLock = script("repairLock", PackageResources.repairLock_lua)
    static let depth = script("depth", PackageResources.depth_lua)
    static let unknown = script("unknown", PackageResources.unknown_lua)
    static let position = script("position", PackageResources.position_lua)
    static let spend = script("spend", PackageResources.spend_lua)

    private static func script(_ name: String, _ body: [UInt8]) -> RedisScript {
        RedisScript(name: name, source: String(decoding: PackageResources.prelude_lua + body, as: UTF8.self))
    }
}
