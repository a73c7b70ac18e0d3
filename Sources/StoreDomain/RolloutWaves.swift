/// Where each wave of a rollout ends among its stores, the canaries not counted: 1 to 20 waves, of which the last ends at 100 percent.
package struct RolloutWaves: Sendable, Equatable, LosslessStringConvertible {
    package enum End: Sendable, Equatable {
        /// After so many stores.
        case count(Int)
        /// Of all stores, rounded up.
        case percent(Int)
    }

    /// For people: what waves have to be.
    package static let form = """
        1 to 20 waves, each of which ends after a number of stores or a percentage of them, later than the one before, and the last at 100 \
        percent
        """

    /// `3,10%,100%`
    package static let standard = RolloutWaves(trusted: [.count(3), .percent(10), .percent(100)])

    package let ends: [End]

    private init(trusted ends: [End]) { self.ends = ends }

    /// `nil` for what is not of `form`. A number and a percentage are not compared, since the number of stores decides between them.
    package init?(_ ends: [End]) {
        guard (1...20).contains(ends.count), ends.last == .percent(100) else { return nil }
        var (count, percent) = (0, 0)
        for end in ends {
            switch end {
            case .count(let number):
                guard number > count, number <= 1_000_000 else { return nil }
                count = number
            case .percent(let number):
                guard number > percent, number <= 100 else { return nil }
                percent = number
            }
        }
        self.init(trusted: ends)
    }

    /// As `description` writes it, e.g. `3,10%,100%`.
    package init?(_ text: String) {
        let ends = text.split(separator: ",", omittingEmptySubsequences: false).map { word -> End? in
            let isPercent = word.hasSuffix("%")
            guard let number = Int(isPercent ? word.dropLast() : word) else { return nil }
            return isPercent ? .percent(number) : .count(number)
        }
        guard !ends.contains(nil) else { return nil }
        self.init(ends.compactMap(\.self))
    }

    package var description: String {
        ends.map { end in
            switch end {
            case .count(let number): "\(number)"
            case .percent(let number): "\(number)%"
            }
        }.joined(separator: ",")
    }
}

extension RolloutWaves: Codable {
    private struct Member: Codable {
        var count: Int?
        var percent: Int?
    }

    package init(from decoder: any Decoder) throws {
        let ends = try [Member](from: decoder).map { member -> End in
            switch (member.count, member.percent) {
            case (let count?, nil): .count(count)
            case (nil, let percent?): .percent(percent)
            default: throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: Self.form))
            }
        }
        guard let waves = RolloutWaves(ends) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: Self.form))
        }
        self = waves
    }

    package func encode(to encoder: any Encoder) throws {
        try ends.map { end in
            switch end {
            case .count(let number): Member(count: number)
            case .percent(let number): Member(percent: number)
            }
        }.encode(to: encoder)
    }
}
