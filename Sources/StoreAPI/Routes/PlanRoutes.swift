import Hummingbird
import Identity
import StoreDomain
import StoreRecords

/// What may be asked for, as the workers that are there have it.
struct PlanRoutes: Sendable {
    let records: StoreRecords

    func add(to table: inout RouteTable) {
        table.on(.get, "/api/plans", for: .readStores, plans)
        table.on(.get, "/api/versions", for: .readStores, versions)
    }

    /// Of each engine, what new stores are installed with.
    @Sendable private func plans(_ request: Request, _ context: APIContext) async throws -> Response {
        let current = try await records.charts().forNewStores
        return .json(capacity: 2_048) { json in
            json.array("plans", current.isEmpty ? [] : StorePlan.allCases) { json, plan in
                json.object { json in
                    json.field("name", plan.rawValue)
                    json.field("units", plan.units)
                    json.field("backupKeep", current.first?.plans[plan]?.backupKeep)
                    json.array("engines", current) { json, chart in
                        guard let gives = chart.plans[plan] else { return }
                        json.object {
                            $0.field("engine", chart.engine.rawValue)
                            $0.field("cpu", gives.cpu)
                            $0.field("memory", gives.memory)
                            $0.field("databaseMemory", gives.databaseMemory)
                        }
                    }
                }
            }
            json.array("engines", current) { json, chart in
                json.object { json in
                    json.field("engine", chart.engine.rawValue)
                    json.field("defaultPlan", chart.defaultPlan.rawValue)
                    json.object("storage") {
                        $0.field("database", chart.storage.database)
                        $0.field("uploads", chart.storage.uploads)
                    }
                }
            }
        }
    }

    @Sendable private func versions(_ request: Request, _ context: APIContext) async throws -> Response {
        let charts = try await records.charts()
        return .json(capacity: 1_024) { json in
            json.array("versions", charts) { json, chart in
                json.object {
                    $0.field("engine", chart.engine.rawValue)
                    $0.field("version", chart.version.rawValue)
                    $0.field("appVersion", chart.appVersion)
                    $0.field("current", chart.isCurrent)
                }
            }
        }
    }
}
