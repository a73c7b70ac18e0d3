import Foundation

/// How many files and connections this process may have open at once (`ulimit -n`).
package enum OpenFiles {
    /// Fewer are not enough for a program's servers, timers and threads, and for anybody who calls it.
    static let fewest: rlim_t = 256
    /// As many as a program ever wants. Apple's systems give no process more than 10,240.
    #if canImport(Darwin)
    static let most: rlim_t = 10_240
    #else
    static let most: rlim_t = 65_536
    #endif

    /// Raises the soft limit as far as the hard one goes: each connection of a client is an open file. Children have the raised limit too.
    /// Throws where that is too low to work with.
    package static func provide() throws(SettingError) {
        #if canImport(Darwin)
        let resource = RLIMIT_NOFILE
        #else
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        let wanted = min(limit.rlim_max, most)
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = wanted
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        guard limit.rlim_cur >= fewest else {
            throw SettingError(
                message:
                    "this process may open \(limit.rlim_cur) files and connections, and needs \(fewest) at least: raise its limit (ulimit -Hn)"
            )
        }
    }
}
