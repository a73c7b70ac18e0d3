/// Carts and orders of the simulated store of one namespace; gone with it.
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
}
