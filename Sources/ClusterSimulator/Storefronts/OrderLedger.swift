/// The database of a simulated store: its catalogue, carts and orders.
struct OrderLedger {
    struct Cart {
        var items = 0
        var address = JSONValue.null
        var shipping: String?
        var payment: String?
    }

    /// More than anybody tries by hand; the oldest go first.
    private static let capacity = 100
    private var carts: [(id: String, cart: Cart)] = []
    private var placed: [Int: JSONValue] = [:]
    private var count = 0
    /// One, which every simulated store sells, or none in a database that was emptied.
    private(set) var products = 1

    /// A new cart's id, which begins with `prefix`.
    mutating func open(_ prefix: String) -> String {
        count += 1
        let id = "\(prefix)_simulated_\(count)"
        carts.append((id, Cart()))
        if carts.count > Self.capacity { carts.removeFirst() }
        return id
    }

    /// Reads and writes an open cart; assigning `nil` closes it.
    subscript(id: String) -> Cart? {
        get { carts.first { $0.id == id }?.cart }
        set {
            guard let index = carts.firstIndex(where: { $0.id == id }) else { return }
            if let newValue { carts[index].cart = newValue } else { carts.remove(at: index) }
        }
    }

    /// Records an order; numbers count from 1001.
    mutating func place(_ order: JSONValue) -> Int {
        let number = nextNumber
        placed[number] = order
        return number
    }

    /// Of the order that is placed next; a draft has it too.
    var nextNumber: Int { 1001 + placed.count }

    func order(_ number: Int) -> JSONValue? { placed[number] }

    var orders: Int { placed.count }

    /// Takes all that was saved. Carts that are opened later have ids of their own, also beside those that were lost.
    mutating func load(_ saved: OrderLedger) {
        let opened = count
        self = saved
        count = max(opened, saved.count)
    }

    /// What is exported.
    var json: JSONValue {
        let orders = placed.map { (String($0.key), $0.value) }
        return ["products": JSONValue(products), "orders": .object(Dictionary(uniqueKeysWithValues: orders))]
    }

    init() {}

    /// Of what was exported.
    init?(json: JSONValue) {
        guard let products = json["products"].int else { return nil }
        self.products = products
        for (number, order) in json["orders"].object { Int(number).map { placed[$0] = order } }
    }

    mutating func empty() {
        carts = []
        placed = [:]
        products = 0
    }
}

extension ClusterState {
    /// What a store has in its database.
    func ledger(of namespace: String) -> OrderLedger { ledgers[databaseUID(of: namespace)] ?? OrderLedger() }

    func setLedger(_ ledger: OrderLedger, of namespace: String) { ledgers[databaseUID(of: namespace)] = ledger }

    /// The claim's; of what has no database, the namespace's.
    private func databaseUID(of namespace: String) -> String {
        let claim = objects.list(.persistentvolumeclaims, namespace: namespace).first {
            $0.labels["app.kubernetes.io/component"] == "database"
        }
        return (claim ?? objects[.namespace(namespace)])?.uid ?? ""
    }
}
