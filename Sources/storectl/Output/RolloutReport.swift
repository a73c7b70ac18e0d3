import StoreDomain
import StoreRecords

/// A rollout at one moment, with the stores that went wrong.
struct RolloutReport {
    let rollout: Rollout
    private let wrong: [RolloutMember]

    /// Throws `Refusal` where there is no such rollout.
    init(_ id: RolloutID, _ session: Session) async throws {
        guard let rollout = try await session.records.rollout(id),
            let wrong = try await session.records.members(of: id, RolloutMemberQuery(states: [.failed, .kept], limit: 1_000))
        else { throw Refusal("There is no rollout \(id).") }
        (self.rollout, self.wrong) = (rollout, wrong)
    }

    func show(json: Bool) {
        let waves = Table.waves
        if json {
            let members = Table.rollouts.columns.map { ($0.key, $0.value(rollout)) }
            let lists = [("byWave", Value.list(rollout.waves.map(waves.object))), ("wrong", Value.list(wrong.map(Table.members.object)))]
            return print(Value.object(members + lists).json)
        }
        Table.rollouts.show(rollout, json: false)
        print("")
        waves.show(rollout.waves, json: false, nothing: "No stores.")
        guard !wrong.isEmpty else { return }
        print("")
        Table.members.show(wrong, json: false, nothing: "")
    }
}

extension Table<Rollout> {
    static var rollouts: Self {
        Table(
            columns: [
                .init("id", "ROLLOUT") { .text($0.id.rawValue) }, .init("engine", "ENGINE") { .text($0.order.engine.rawValue) },
                .init("to", "TO") { .text($0.order.version.rawValue) }, .init("state", "STATE") { .text($0.state.rawValue) },
                .init("total", "STORES") { .number($0.numbers.values.reduce(0, +)) },
            ]
                + RolloutMemberState.allCases.map { state in
                    .init(state.rawValue, state.rawValue.uppercased()) { .number($0.numbers[state] ?? 0) }
                }
                + [
                    .init("waves") { .text($0.order.waves.description) }, .init("batch") { .number($0.order.batch) },
                    .init("maxFailures") { .number($0.order.maxFailures) }, .init("soakSeconds") { .number($0.order.soakSeconds) },
                    .init("respectWindows") { .flag($0.order.respectsWindows) }, .init("urgent") { .flag($0.order.isUrgent) },
                    .init("sleeping") { .text($0.order.sleeping.rawValue) }, .init("reason") { Value($0.order.reason) },
                    .init("createdBy") { .text($0.createdBy) }, .init("haltedReason") { Value($0.haltedReason) },
                    .init("opensAt") { Value($0.opensAt) }, .init("createdAt", "CREATED") { .time($0.createdAt) },
                    .init("startedAt") { Value($0.startedAt) }, .init("endedAt") { Value($0.endedAt) },
                ]
        )
    }
}

extension Table<RolloutNumbers> {
    static var waves: Self {
        Table(
            columns: [
                .init("wave", "WAVE") { .number($0.wave) }, .init("total", "STORES") { .number($0.total) },
            ]
                + RolloutMemberState.allCases.map { state in
                    .init(state.rawValue, state.rawValue.uppercased()) { .number($0.numbers[state] ?? 0) }
                }
        )
    }
}

extension Table<RolloutMember> {
    static var members: Self {
        Table(columns: [
            .init("storeId", "STORE") { .text($0.store.rawValue) }, .init("storeName", "NAME") { .text($0.name.rawValue) },
            .init("namespace") { .text($0.namespace.rawValue) }, .init("place") { .number($0.place) },
            .init("wave", "WAVE") { .number($0.wave) }, .init("state", "STATE") { .text($0.state.rawValue) },
            .init("fromVersion", "FROM") { Value($0.fromVersion?.rawValue) },
            .init("job", "JOB") { Value($0.job.map { Int($0.rawValue) }) },
            .init("beganAt") { Value($0.beganAt) }, .init("appliedAt") { Value($0.appliedAt) }, .init("endedAt") { Value($0.endedAt) },
            .init("reason", "REASON") { Value($0.reason) },
        ])
    }
}
