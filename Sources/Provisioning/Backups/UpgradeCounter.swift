import CoreMetrics

/// Counts upgrades where they end, and how long their stores were away.
enum UpgradeCounter {
    enum Outcome: String {
        case proved
        case wentBack = "went-back"
        /// The store was changed while it was open: its chart cannot close it, or says that its data stays as it is.
        case inPlace = "in-place"
    }

    static func ended(_ outcome: Outcome, away: Duration? = nil) {
        Counter(label: "storeweaver_upgrades_total", dimensions: [("outcome", outcome.rawValue)]).increment()
        guard let away else { return }
        Recorder(label: "storeweaver_upgrade_away_seconds", dimensions: [("outcome", outcome.rawValue)]).record(away / .seconds(1))
    }
}
