/// What the nodes of a cluster can bear, and what the pods on them have reserved.
package struct ClusterCapacity: Sendable, Equatable, Codable {
    /// `cpu` in thousandths of a processor, `memory` in bytes.
    package struct Amounts: Sendable, Equatable, Codable {
        package var cpu: Int
        package var memory: Int
        package var pods: Int

        package init(cpu: Int = 0, memory: Int = 0, pods: Int = 0) {
            (self.cpu, self.memory, self.pods) = (cpu, memory, pods)
        }

        package static func += (sum: inout Amounts, more: Amounts) {
            (sum.cpu, sum.memory, sum.pods) = (sum.cpu.plus(more.cpu), sum.memory.plus(more.memory), sum.pods.plus(more.pods))
        }

        /// How often `needs` is in it.
        fileprivate func holds(_ needs: Amounts) -> Int {
            let times = [(cpu, needs.cpu), (memory, needs.memory), (pods, needs.pods)].compactMap { has, needs in
                needs > 0 ? max(0, has) / needs : nil
            }
            return times.min() ?? 0
        }
    }

    package struct Node: Sendable, Equatable, Codable {
        package var name: String
        /// Whether it is ready and the scheduler may put pods of stores there.
        package var takesPods: Bool
        package var allocatable: Amounts
        package var reserved: Amounts

        package init(name: String, takesPods: Bool, allocatable: Amounts, reserved: Amounts = Amounts()) {
            self.name = name
            self.takesPods = takesPods
            self.allocatable = allocatable
            self.reserved = reserved
        }

        fileprivate var free: Amounts {
            Amounts(
                cpu: allocatable.cpu - reserved.cpu,
                memory: allocatable.memory - reserved.memory,
                pods: allocatable.pods - reserved.pods
            )
        }
    }

    package var nodes: [Node]
    /// Of pods that no node has yet.
    package var waiting: Amounts

    package init(nodes: [Node], waiting: Amounts = Amounts()) {
        self.nodes = nodes
        self.waiting = waiting
    }

    /// How many more stores that reserve so much fit, each on one node, once what waits has its place. A volume may keep one from a node that
    /// has room, and a part of a store may fit where the whole does not: it is an estimate.
    package func room(for needs: Amounts) -> Int {
        let places = nodes.filter(\.takesPods).reduce(0) { $0.plus($1.free.holds(needs)) }
        let taken = [(waiting.cpu, needs.cpu), (waiting.memory, needs.memory), (waiting.pods, needs.pods)].map { waits, needs in
            needs > 0 ? waits / needs + (waits % needs > 0 ? 1 : 0) : 0
        }
        return max(0, places - (taken.max() ?? 0))
    }
}

extension Int {
    /// At most `max`: quantities are as large as somebody wrote them.
    fileprivate func plus(_ more: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(more)
        return overflow ? .max : sum
    }
}
