import StoreDomain
import StoreRecords

/// Rollouts as operators see them.
extension JSONWriter {
    mutating func fields(of rollout: Rollout) {
        field("id", rollout.id.rawValue)
        field("engine", rollout.order.engine.rawValue)
        field("to", rollout.order.version.rawValue)
        field("state", rollout.state.rawValue)
        field("reason", rollout.order.reason)
        field("createdBy", rollout.createdBy)
        array("waves", rollout.order.waves.ends) { json, end in
            json.object {
                switch end {
                case .count(let number): $0.field("count", number)
                case .percent(let number): $0.field("percent", number)
                }
            }
        }
        field("batch", rollout.order.batch)
        field("maxFailures", rollout.order.maxFailures)
        field("soakSeconds", rollout.order.soakSeconds)
        field("respectWindows", rollout.order.respectsWindows)
        field("urgent", rollout.order.isUrgent)
        field("sleeping", rollout.order.sleeping.rawValue)
        field("haltedReason", rollout.haltedReason)
        field("opensAt", rollout.opensAt)
        field("createdAt", rollout.createdAt)
        field("startedAt", rollout.startedAt)
        field("endedAt", rollout.endedAt)
        object("stores") { $0.fields(of: rollout.numbers) }
        array("byWave", rollout.waves) { json, wave in
            json.object {
                $0.field("wave", wave.wave)
                $0.fields(of: wave.numbers)
            }
        }
    }

    private mutating func fields(of numbers: [RolloutMemberState: Int]) {
        field("total", numbers.values.reduce(0, +))
        field("waiting", numbers[.waiting] ?? 0)
        field("running", numbers[.running] ?? 0)
        field("soaking", numbers[.soaking] ?? 0)
        field("done", numbers[.done] ?? 0)
        field("kept", numbers[.kept] ?? 0)
        field("failed", numbers[.failed] ?? 0)
        field("skipped", numbers[.skipped] ?? 0)
    }

    mutating func fields(of member: RolloutMember) {
        field("storeId", member.store.rawValue)
        field("storeName", member.name.rawValue)
        field("namespace", member.namespace.rawValue)
        field("place", member.place)
        field("wave", member.wave)
        field("state", member.state.rawValue)
        field("reason", member.reason)
        field("fromVersion", member.fromVersion?.rawValue)
        field("job", member.job.map { Int($0.rawValue) })
        field("beganAt", member.beganAt)
        field("appliedAt", member.appliedAt)
        field("endedAt", member.endedAt)
    }
}
