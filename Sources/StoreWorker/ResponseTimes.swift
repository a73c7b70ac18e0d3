import Foundation
import StoreDomain
import StoreRecords

/// How fast stores answered in this hour, as the watcher asked them.
actor ResponseTimes {
    /// Since 1970.
    private var hour = 0
    private var times: [StoreID: [Int]] = [:]
    /// Those that answered since they were taken last.
    private var changed: Set<StoreID> = []
    /// Of hours that are over.
    private var over: [(at: Date, responses: [HourOfResponses])] = []

    func add(_ store: StoreID, _ time: Duration, at moment: Date) {
        let hour = Int(moment.timeIntervalSince1970 / 3_600)
        if hour != self.hour {
            if !changed.isEmpty { over.append((begin, medians())) }
            (self.hour, times, changed) = (hour, [:], [])
        }
        times[store, default: []].append(Int(time / .milliseconds(1)))
        changed.insert(store)
    }

    /// What is new since it was asked last, by the hour.
    func take() -> [(at: Date, responses: [HourOfResponses])] {
        defer { (over, changed) = ([], []) }
        return changed.isEmpty ? over : over + [(begin, medians())]
    }

    private var begin: Date { Date(timeIntervalSince1970: Double(hour) * 3_600) }

    private func medians() -> [HourOfResponses] {
        changed.sorted { $0.rawValue < $1.rawValue }.compactMap { store in
            guard let sorted = times[store]?.sorted(), !sorted.isEmpty else { return nil }
            return HourOfResponses(store: store, medianMillis: sorted[sorted.count / 2], count: sorted.count)
        }
    }
}
