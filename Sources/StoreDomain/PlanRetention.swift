/// Which backups are kept of stores of each plan.
package struct PlanRetention: Sendable, Equatable {
    /// For people: what a text has to be.
    package static let form =
        "\(BackupRetention.form), and then that of plans that differ, e.g. 7d,4w,6m large=14d,8w,12m"

    private let standard: BackupRetention
    private let plans: [StorePlan: BackupRetention]

    package static let standard = PlanRetention(.standard)

    package init(_ standard: BackupRetention, plans: [StorePlan: BackupRetention] = [:]) {
        self.standard = standard
        self.plans = plans
    }

    /// `nil` for anything else than `form` says: a plan that there is not, or one that is named twice.
    package init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard let first = parts.first, let standard = BackupRetention(String(first)) else { return nil }
        var plans: [StorePlan: BackupRetention] = [:]
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, let plan = StorePlan(rawValue: pair[0]), plans[plan] == nil, let kept = BackupRetention(pair[1]) else {
                return nil
            }
            plans[plan] = kept
        }
        self.init(standard, plans: plans)
    }

    package subscript(plan: StorePlan) -> BackupRetention { plans[plan] ?? standard }
}
