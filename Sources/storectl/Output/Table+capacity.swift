import StoreDomain
import StoreRecords

extension Table<ClusterCapacity.Node> {
    static var nodes: Self {
        Table(columns: [
            .init("name", "NODE") { .text($0.name) }, .init("takesPods", "TAKES PODS") { .flag($0.takesPods) },
            .init("reservedCpuMillis", "CPU RESERVED, M") { .number($0.reserved.cpu) },
            .init("allocatableCpuMillis", "OF") { .number($0.allocatable.cpu) },
            .init("reservedMemoryMebibytes", "MEMORY RESERVED, MI") { .number($0.reserved.memory >> 20) },
            .init("allocatableMemoryMebibytes", "OF") { .number($0.allocatable.memory >> 20) },
            .init("pods", "PODS") { .number($0.reserved.pods) }, .init("allocatablePods", "OF") { .number($0.allocatable.pods) },
        ])
    }
}

extension Table<SeenCapacity.Room> {
    static var room: Self {
        Table(columns: [
            .init("engine", "ENGINE") { .text($0.engine.rawValue) }, .init("plan", "PLAN") { .text($0.plan.rawValue) },
            .init("stores", "MORE STORES") { .number($0.stores) },
        ])
    }
}
