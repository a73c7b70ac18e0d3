import Configuration
import Program
import StoreDomain

extension LeaseTimes {
    /// Reads whole seconds, the same for every worker of an installation: `LEASE_RENEW_SECONDS` (3), `LEASE_TERMINATE_SECONDS` (7),
    /// `LEASE_KILL_SECONDS` (10), `LEASE_SECONDS` (12) and `LEASE_TAKEOVER_SECONDS` (2).
    ///
    /// Throws `SettingError` when one is no such number, or when the first four are not each less than the next.
    init(reader: ConfigReader) throws {
        func seconds(_ key: ConfigKey, _ standard: Duration) throws -> Duration {
            .seconds(try reader.number(key, default: Int(standard.components.seconds), in: 1...3_600))
        }
        self.init()
        renewal = try seconds("lease.renew.seconds", renewal)
        term = try seconds("lease.terminate.seconds", term)
        kill = try seconds("lease.kill.seconds", kill)
        lease = try seconds("lease.seconds", lease)
        settle = try seconds("lease.takeover.seconds", settle)
        guard renewal < term, term < kill, kill < lease else {
            throw SettingError(
                message:
                    "LEASE_RENEW_SECONDS, LEASE_TERMINATE_SECONDS, LEASE_KILL_SECONDS and LEASE_SECONDS must each be less than the next"
            )
        }
    }
}
