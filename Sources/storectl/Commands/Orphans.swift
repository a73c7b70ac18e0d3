import ArgumentParser
import Cluster
import JobDispatch
import StoreDomain
import StoreRecords

/// What the cluster and the records have without its counterpart.
struct Orphans: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, adopt and delete what has no counterpart: namespaces without a store, ready stores without a namespace.",
        subcommands: [List.self, Adopt.self, Delete.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List what the workers found; they look every minute.")
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await Session.run { session in
                Table.orphans.show(try await session.records.orphans(), json: output.json, nothing: "There are no orphans.")
            }
        }
    }

    struct Adopt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the store of an orphan namespace into the records, as after a restore from an older backup.",
            discussion: "Name, owner and engine are read from the namespace. A retry then finds the store as it is; its data is left alone."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The namespace.") var namespace: String

        func run() async throws {
            guard let wanted = StoreNamespace(namespace) else { throw Refusal("\(namespace) is no namespace that a store can have.") }
            try await Session.run { session in
                let object = try await ClusterAccess.run(session.settings) { try await $0.ownNamespace(namespace) }
                guard
                    let id = object.label(StoreLabels.storeID).flatMap({ StoreID($0) }),
                    let engine = object.label(StoreLabels.engine).flatMap({ Engine(rawValue: $0) }),
                    let name = object.annotation(StoreLabels.storeName).flatMap({ try? StoreName($0) })
                else { throw Refusal("\(namespace) does not say which store it is of: its labels or annotations are gone.") }
                let owner = object.annotation(StoreLabels.owner).flatMap { UserID($0) }
                switch try await session.operations.adopt(
                    id,
                    name: name,
                    engine: engine,
                    owner: owner,
                    namespace: wanted,
                    by: order.actor()
                ) {
                case .adopted(let descriptor):
                    output.say(
                        "Store \(id) (\(name)) is in the records again; job \(descriptor.id) makes it ready.",
                        ("store", .text(id.rawValue)),
                        ("job", .number(Int(descriptor.id.rawValue)))
                    )
                case .known:
                    throw Refusal("The records know store \(id): it lives elsewhere, or it was deleted. Delete the namespace instead.")
                case .taken: throw Refusal("Another store has \(namespace).")
                }
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a namespace of ours that no store has, with all that is in it."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The namespace.") var namespace: String
        @Option(help: "Seconds to wait until it is gone, 0 to 3600.") var wait = 60

        func validate() throws {
            guard (0...3_600).contains(wait) else { throw ValidationError("--wait must be 0 to 3600") }
        }

        func run() async throws {
            try await Session.run { session in
                try await ClusterAccess.run(session.settings) { kubernetes in
                    let actor = try order.actor()
                    try await session.records.audit(actor, "orphan.delete", target: namespace)
                    guard let fence = try await session.records.hold(orphan: namespace, by: actor.name, for: .seconds(60)) else {
                        throw Refusal("\(namespace) is no orphan: a store has it, or an attempt works there.")
                    }
                    let lease = HeldLease(fence: fence, claimedAt: BootClock.now, validFor: .seconds(50))
                    do {
                        let object = try await kubernetes.ownNamespace(namespace)
                        guard let uid = object.uid else { throw Refusal("\(namespace) has no UID.") }
                        try await kubernetes.delete("/api/v1/namespaces/\(namespace)", uid: uid, propagation: "Foreground", under: lease)
                    } catch {
                        try await session.records.release(namespace, fence)
                        throw error
                    }
                    try await session.records.release(namespace, fence)
                    try await waitUntilGone(kubernetes)
                }
            }
        }

        private func waitUntilGone(_ kubernetes: KubernetesClient) async throws {
            let end = ContinuousClock.now + .seconds(wait)
            while ContinuousClock.now < end {
                if try await kubernetes.get("/api/v1/namespaces/\(namespace)") == nil {
                    return output.say("\(namespace) is gone.", ("namespace", .text(namespace)), ("gone", .flag(true)))
                }
                try await Task.sleep(for: .milliseconds(500))
            }
            output.say("\(namespace) is being deleted.", ("namespace", .text(namespace)), ("gone", .flag(false)))
        }
    }
}

extension KubernetesClient {
    /// The namespace, if it carries our label and is not on its way out.
    fileprivate func ownNamespace(_ name: String) async throws -> JSON {
        guard StoreNamespace(name) != nil, let object = try await get("/api/v1/namespaces/\(name)") else {
            throw Refusal("There is no namespace \(name) of ours.")
        }
        guard object.label(StoreLabels.managedBy) == StoreLabels.manager else { throw Refusal("\(name) is not ours.") }
        guard !object.isTerminating else { throw Refusal("\(name) is being deleted already.") }
        return object
    }
}
