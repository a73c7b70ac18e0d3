/// The coarse state that clients see. `docs/ARCHITECTURE.md` has the picture.
package enum StoreStatus: String, Sendable, CaseIterable, Codable {
    case provisioning
    case ready
    case failed
    case deleting

    /// Whether a store may go from this state to `next`. Staying is always allowed.
    package func mayBecome(_ next: StoreStatus) -> Bool {
        switch (self, next) {
        case (let old, let new) where old == new: true
        case (.provisioning, .ready), (.provisioning, .failed), (.provisioning, .deleting): true
        case (.ready, .failed), (.ready, .deleting): true
        case (.failed, .provisioning), (.failed, .deleting): true
        case (.deleting, .failed): true
        default: false
        }
    }
}
