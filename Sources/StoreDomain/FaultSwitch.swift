#if FaultSwitches
import Foundation
#endif

/// Safeties that a build with the trait `FaultSwitches` can leave out, so that the fault tests can show that they notice.
///
/// Without the trait, as in every image and release, nothing can be left out: `isOff` is `false` for the compiler already.
package enum FaultSwitch: String, Sendable, CaseIterable {
    /// Helm runs without helm-guard.
    case watchdog
    /// Holders never ask whether their lease has lapsed.
    case fence
    /// Nothing is put back that Redis forgot or a vanished worker left behind.
    case sweep

    /// Named in the environment variable `FAULT_SWITCH_OFF`, a list separated by commas.
    package var isOff: Bool {
        #if FaultSwitches
        (ProcessInfo.processInfo.environment["FAULT_SWITCH_OFF"] ?? "").split(separator: ",").contains { $0 == rawValue }
        #else
        false
        #endif
    }
}
