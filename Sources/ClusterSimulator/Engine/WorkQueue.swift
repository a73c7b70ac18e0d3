/// What is to be looked at, and when; each item is there once, at its earliest time.
struct WorkQueue<Item: Hashable> {
    private var due: [Item: Duration] = [:]
    /// Latest first, so that the next is taken from the end.
    private var order: [(at: Duration, item: Item)] = []

    var next: Duration? { order.last?.at }
    var isEmpty: Bool { order.isEmpty }

    mutating func add(_ item: Item, at time: Duration) {
        if let already = due[item] {
            guard time < already else { return }
            remove(item, at: already)
        }
        due[item] = time
        order.insert((time, item), at: position(of: time))
    }

    mutating func popDue(at now: Duration) -> Item? {
        guard let last = order.last, last.at <= now else { return nil }
        order.removeLast()
        due[last.item] = nil
        return last.item
    }

    private mutating func remove(_ item: Item, at time: Duration) {
        var index = position(of: time)
        while index < order.count, order[index].at == time {
            if order[index].item == item {
                order.remove(at: index)
                return
            }
            index += 1
        }
    }

    /// The first index whose time is not later; equal times keep the order in which they came.
    private func position(of time: Duration) -> Int {
        var low = 0
        var high = order.count
        while low < high {
            let middle = (low + high) / 2
            if order[middle].at > time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
