import ArgumentParser
import Foundation
import StoreDomain
import StoreRecords

/// `storectl stores pod-logs`: what a store's containers wrote, read by a worker, as the API has it read.
struct PodLogs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print what a store's container wrote. A worker reads it: no rights in the cluster are needed here."
    )
    /// How long a worker may take to answer.
    private static let patience = Duration.seconds(15)

    @OptionGroup var output: OutputOptions
    @Argument(help: "The store's id.") var store: StoreID
    @Option(help: "A container's name, or pod/container (default: the store's own).") var container: String?
    @Option(help: "Maximum number of lines, 0 to 5000.") var tail = 200
    @Flag(name: .shortAndLong, help: "Follow the log, for ten minutes at most, until Ctrl-C.") var follow = false

    func validate() throws {
        guard (0...5_000).contains(tail) else { throw ValidationError("--tail must be 0 to 5000") }
        guard container?.utf8.count ?? 0 <= 320 else { throw ValidationError("--container is too long") }
    }

    func run() async throws {
        try await Session.run { session in
            guard let found = try await session.records.store(store, visibleTo: nil) else { throw Refusal("There is no store \(store).") }
            let request = PodLogRequest(
                id: UUID().uuidString.lowercased(),
                store: store,
                namespace: found.namespace,
                container: container,
                tail: tail,
                follows: follow
            )
            try await session.records.ask(request)
            do {
                try await show(request, session.records)
            } catch {
                try? await session.records.forgetLog(request.id)
                throw error
            }
            // Left behind by Ctrl-C, it is forgotten as soon as nobody has asked for it for a while.
            try await session.records.forgetLog(request.id)
        }
    }

    private func show(_ request: PodLogRequest, _ records: StoreRecords) async throws {
        let asked = ContinuousClock.now
        while true {
            let (chunks, isTaken) = try await records.takeLog(of: request.id)
            for chunk in chunks {
                for line in chunk.lines { print(output.json ? Value.object([("line", .text(line))]).json : line) }
                if let error = chunk.error { throw Refusal(error) }
                if chunk.isLast { return }
            }
            fflush(nil)
            if !isTaken, ContinuousClock.now - asked > Self.patience { throw Refusal("No worker available; try again.") }
            try await Task.sleep(for: .milliseconds(250))
        }
    }
}
