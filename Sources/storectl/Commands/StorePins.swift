import ArgumentParser
import Foundation
import StoreDomain
import StoreRecords

extension Stores {
    struct Pin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a store's version for a while.",
            discussion: "Until then rollouts leave it alone, unless they are urgent."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Option(help: "For how many days, 1 to 90.") var days: Int

        func validate() throws {
            guard (1...90).contains(days) else { throw ValidationError("--days must be 1 to 90") }
        }

        func run() async throws {
            let until = Date().addingTimeInterval(Double(days) * 86_400)
            try await Stores.pin(store, until: until, "Rollouts leave store \(store) alone for \(days) days.", by: order, output: output)
        }
    }

    struct Unpin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let rollouts upgrade a store again.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Stores.pin(store, until: nil, "Rollouts may upgrade store \(store).", by: order, output: output)
        }
    }

    private static func pin(_ id: StoreID, until: Date?, _ done: String, by order: OperatorOptions, output: OutputOptions) async throws {
        try await Session.run { session in
            guard let store = try await session.records.pin(id, until: until, visibleTo: nil, by: order.actor()) else {
                throw Refusal("There is no store \(id).")
            }
            output.say(done, ("store", .text(id.rawValue)), ("pinnedUntil", Value(store.pinnedUntil)))
        }
    }
}
