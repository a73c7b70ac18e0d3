import Configuration
import Program
import StoreDomain

extension LeaseTimes {
    /// Reads whole seconds, the same for every worker of an installation: `LEASE_BEAT_SECONDS` (3), `LEASE_TERM_SECONDS` (7),
    /// `LEASE_KILL_SECONDS` (10), `LEASE_SECONDS` (12) and `LEASE_SETTLE_SECONDS` (2).
    ///
    /// Throws `SettingError` when one is no such number, or when the first four are not each less than the next.
    init(reader: ConfigReader) throws {
        func seconds(_ key: ConfigKey, _ standard: Duration) throws -> Duration {
            .seconds(try reader.number(key, default: Int(standard.components.seconds), in: 1...3_600))
        }
        self.init()
        beat = try seconds("lease.beat.seconds", beat)
        term = try seconds("lease.term.seconds", term)
        kill = try seconds("lease.kill.seconds", kill)
        lease = try seconds("lease.seconds", lease)
        settle = try seconds("lease.settle.seconds", settle)
        guard beat < term, term < kill, kill < lease else {
            throw SettingError(
                message: "LEASE_BEAT_SECONDS, LEASE_TERM_SECONDS, LEASE_KILL_SECONDS and LEASE_SECONDS must each be less than the next"
            )
        }
    }
}
