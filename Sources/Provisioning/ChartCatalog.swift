import Cluster
import Foundation
package import StoreDomain

/// The charts that this worker has: of each engine the current one, with which new stores are made, and older ones, by their versions.
package struct ChartCatalog: Sendable {
    /// Folders of the current charts.
    private let current: [Engine: String]
    /// A folder with `<engine>/<version>/Chart.yaml`; `nil`: there are no older ones.
    private let archive: String?
    /// `values-local.yaml` or `values-prod.yaml`, in each chart's folder.
    private let valuesFile: String

    package init(current: [Engine: String], archive: String? = nil, valuesFile: String) {
        self.current = current
        self.archive = archive
        self.valuesFile = valuesFile
    }

    /// The chart of that version, or the current one; `nil`: this worker has no such version. Read anew each time. Throws `ClusterError` for
    /// files that are no chart.
    func chart(of engine: Engine, version: ChartVersion? = nil) throws -> Chart? {
        guard let folder = current[engine] else {
            throw ClusterError(code: .configuration, message: "There is no chart for \(engine.rawValue).")
        }
        let chart = try Chart(folder: folder, valuesFile: valuesFile)
        guard let version, version != chart.version else { return chart }
        guard let archive else { return nil }
        let old = "\(archive)/\(engine.rawValue)/\(version)"
        guard FileManager.default.fileExists(atPath: old + "/Chart.yaml") else { return nil }
        let found = try Chart(folder: old, valuesFile: valuesFile)
        guard found.version == version else {
            throw ClusterError(code: .configuration, message: "The chart in \(old) is of version \(found.version).")
        }
        return found
    }

    /// Of all charts that can be read, for the workers' reports.
    package func facts() -> [ChartFacts] {
        Engine.allCases.flatMap { engine -> [ChartFacts?] in
            guard let folder = current[engine], let newest = try? Chart(folder: folder, valuesFile: valuesFile) else { return [] }
            let older =
                archive.map { "\($0)/\(engine.rawValue)" }.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
            let others = older.compactMap { ChartVersion($0) }.filter { $0 != newest.version }.compactMap {
                try? chart(of: engine, version: $0)
            }
            return [newest.facts(of: engine, isCurrent: true)] + others.map { $0.facts(of: engine, isCurrent: false) }
        }.compactMap(\.self)
    }
}

/// A chart's files.
struct Chart {
    let folder: String
    let version: ChartVersion
    let appVersion: String
    /// Whether another version of a store's chart may change its data as this one: `store-weaver.dev/migrates`, which is "true" where it is not said.
    let migrates: Bool
    /// The chart's own values with those of the installation's kind over them.
    let values: JSON

    /// Throws `ClusterError`.
    init(folder: String, valuesFile: String) throws {
        func wrong(_ what: String) -> ClusterError { ClusterError(code: .configuration, message: "The chart in \(folder) \(what).") }
        guard FileManager.default.fileExists(atPath: folder + "/Chart.yaml") else {
            throw ClusterError(code: .configuration, message: "There is no chart at \(folder).")
        }
        let about = try JSON(yamlFile: folder + "/Chart.yaml")
        guard let version = about["version"].string.flatMap({ ChartVersion($0) }) else { throw wrong("has no version such as 1.2.0") }
        self.folder = folder
        self.version = version
        appVersion = about["appVersion"].string ?? ""
        switch about["annotations"]["store-weaver.dev/migrates"].string ?? "true" {
        case "true": migrates = true
        case "false": migrates = false
        case let other: throw wrong("says store-weaver.dev/migrates: \"\(other)\", which is neither \"true\" nor \"false\"")
        }
        values = try JSON(yamlFile: folder + "/values.yaml").merging(try JSON(yamlFile: folder + "/" + valuesFile))
    }

    /// `nil` for a chart whose plans are not ours.
    func facts(of engine: Engine, isCurrent: Bool) -> ChartFacts? {
        guard let standard = values["plan"].string.flatMap(StorePlan.init) else { return nil }
        var plans: [StorePlan: ChartFacts.Plan] = [:]
        for plan in StorePlan.allCases {
            let sizes = values["plans"][plan.rawValue]
            guard let cpu = sizes["app"]["limits"]["cpu"].quantity, let memory = sizes["app"]["limits"]["memory"].quantity,
                let database = sizes["database"]["limits"]["memory"].quantity
            else { return nil }
            plans[plan] = ChartFacts.Plan(cpu: cpu, memory: memory, databaseMemory: database, reserves: Self.reserved(by: sizes))
        }
        return ChartFacts(
            engine: engine,
            version: version,
            appVersion: appVersion,
            isCurrent: isCurrent,
            defaultPlan: standard,
            plans: plans,
            storage: ChartFacts.Storage(
                database: values["persistence"]["database"]["size"].string ?? "",
                uploads: values["persistence"]["uploads"]["size"].string ?? ""
            )
        )
    }

    /// By the parts of a plan together, but for what runs before the app; cron is a container of the app's pod.
    private static func reserved(by sizes: JSON) -> ClusterCapacity.Amounts {
        guard case .object(let parts) = sizes else { return ClusterCapacity.Amounts() }
        return parts.reduce(into: ClusterCapacity.Amounts()) { sum, part in
            let requests = part.value["requests"]
            guard part.key != "setup", requests != .null else { return }
            sum += ClusterCapacity.Amounts(
                cpu: requests["cpu"].quantity.flatMap { ResourceQuantity($0) }?.thousandths ?? 0,
                memory: requests["memory"].quantity.flatMap { ResourceQuantity($0) }?.whole ?? 0,
                pods: part.key == "cron" ? 0 : 1
            )
        }
    }
}

extension JSON {
    /// As Helm merges values: objects member by member, everything else is replaced.
    func merging(_ other: JSON) -> JSON {
        guard case .object(var members) = self, case .object(let others) = other else { return other }
        for (key, value) in others { members[key] = (members[key] ?? .null).merging(value) }
        return .object(members)
    }

    /// A quantity that YAML may have read as a number.
    fileprivate var quantity: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .number(let number): String(number)
        default: nil
        }
    }
}
