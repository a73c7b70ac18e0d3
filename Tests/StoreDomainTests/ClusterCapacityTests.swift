import StoreDomain
import Testing

@Suite struct ClusterCapacityTests {
    private static let store = ClusterCapacity.Amounts(cpu: 200, memory: 512 << 20, pods: 2)

    private static func node(cpu: Int, memory: Int, pods: Int = 110, taken: ClusterCapacity.Amounts = .init(), takesPods: Bool = true)
        -> ClusterCapacity.Node
    {
        ClusterCapacity.Node(
            name: "n",
            takesPods: takesPods,
            allocatable: .init(cpu: cpu, memory: memory, pods: pods),
            reserved: taken
        )
    }

    @Test(
        "a quantity is read as Kubernetes reads it, rounded up",
        arguments: [
            ("250m", 1, 250), ("1.5", 2, 1_500), ("2", 2, 2_000), ("0", 0, 0), ("100u", 1, 1), ("512Mi", 512 << 20, (512 << 20) * 1_000),
            ("2k", 2_000, 2_000_000), ("1Ki", 1_024, 1_024_000), ("2e3", 2_000, 2_000_000), ("1E3", 1_000, 1_000_000),
            ("5e-1", 1, 500), ("16E", .max, .max), ("1E", 1_000_000_000_000_000_000, .max),
        ] as [(String, Int, Int)]
    )
    func quantity(_ text: String, _ whole: Int, _ thousandths: Int) throws {
        let quantity = try #require(ResourceQuantity(text))
        #expect((quantity.whole, quantity.thousandths) == (whole, thousandths))
    }

    @Test("anything else is no quantity", arguments: ["", "m", "1x", "-1", "1.2.3", ".", "1e", "1e99", "1 Gi", "1mi", "٣", "1gi"])
    func noQuantity(_ text: String) { #expect(ResourceQuantity(text) == nil) }

    @Test("a node has room for as many stores as the scarcest of its amounts allows")
    func scarcest() {
        #expect(ClusterCapacity(nodes: [Self.node(cpu: 1_000, memory: 8 << 30)]).room(for: Self.store) == 5)
        #expect(ClusterCapacity(nodes: [Self.node(cpu: 8_000, memory: 1 << 30)]).room(for: Self.store) == 2)
        #expect(ClusterCapacity(nodes: [Self.node(cpu: 8_000, memory: 8 << 30, pods: 3)]).room(for: Self.store) == 1)
    }

    @Test("what is reserved is not free, and a node that is over its amounts has no room")
    func reserved() {
        let half = ClusterCapacity.Amounts(cpu: 500, memory: 0, pods: 10)
        #expect(ClusterCapacity(nodes: [Self.node(cpu: 1_000, memory: 8 << 30, taken: half)]).room(for: Self.store) == 2)
        let over = ClusterCapacity.Amounts(cpu: 2_000, memory: 0, pods: 10)
        #expect(ClusterCapacity(nodes: [Self.node(cpu: 1_000, memory: 8 << 30, taken: over)]).room(for: Self.store) == 0)
    }

    @Test("rests of several nodes make no place, and a node that takes no pods none either")
    func nodes() {
        let nodes = [
            Self.node(cpu: 300, memory: 8 << 30), Self.node(cpu: 300, memory: 8 << 30),
            Self.node(cpu: 9_000, memory: 8 << 30, takesPods: false),
        ]
        #expect(ClusterCapacity(nodes: nodes).room(for: Self.store) == 2)
    }

    @Test("what waits for a node comes first")
    func waiting() {
        let waiting = ClusterCapacity.Amounts(cpu: 250, memory: 0, pods: 2)
        #expect(ClusterCapacity(nodes: [Self.node(cpu: 1_000, memory: 8 << 30)], waiting: waiting).room(for: Self.store) == 3)
        let much = ClusterCapacity.Amounts(cpu: 5_000, memory: 0, pods: 2)
        #expect(ClusterCapacity(nodes: [Self.node(cpu: 1_000, memory: 8 << 30)], waiting: much).room(for: Self.store) == 0)
    }
}
