import Foundation
import JobQueue
import StoreDomain
import StoreRecords

/// The queue as operators see it.
extension JSONWriter {
    /// `depth` nil: Redis is away.
    mutating func queue(_ summary: QueueSummary, depth: QueueDepth?, now: Date) {
        if let pause = summary.pause {
            object("paused") {
                $0.field("at", pause.at)
                $0.field("by", pause.by)
                $0.field("reason", pause.reason)
            }
        }
        array("living", summary.lines) { json, line in
            json.object {
                $0.field("kind", line.kind.rawValue)
                $0.field("class", line.jobClass.name)
                $0.field("state", line.state.rawValue)
                $0.field("count", line.count)
                $0.field("oldestSeconds", max(0, Int(now.timeIntervalSince(line.oldest))))
            }
        }
        array("users", summary.users) { json, user in
            json.object {
                $0.field("user", user.user)
                $0.field("queued", user.queued)
                $0.field("running", user.running)
            }
        }
        field("dead", summary.dead)
        if let depth {
            object("redis") {
                $0.field("ready", depth.ready)
                $0.field("delayed", depth.delayed)
                $0.field("running", depth.running)
                $0.field("provisioning", depth.interactive)
                $0.field("background", depth.background)
                $0.field("apart", depth.apart)
                $0.field("dead", depth.dead)
            }
        }
    }

    mutating func fields(of job: OperatedJob) {
        field("id", Int(job.id.rawValue))
        field("storeId", job.store.rawValue)
        field("storeName", job.storeName)
        field("kind", job.kind.rawValue)
        field("class", job.jobClass.name)
        field("state", job.state.rawValue)
        field("namespace", job.namespace.rawValue)
        field("user", job.user)
        field("attempt", job.attempt)
        field("maxAttempts", job.maxAttempts)
        field("reclaims", job.reclaims)
        field("runAfter", job.runAfter)
        field("cancelRequestedAt", job.cancelRequestedAt)
        field("error", job.error)
        field("worker", job.worker)
        field("fence", job.fence.map { Int($0) })
        field("traceparent", job.traceparent)
        field("createdAt", job.createdAt)
        field("startedAt", job.startedAt)
        field("finishedAt", job.finishedAt)
        field("cause", job.cause)
    }

    mutating func fields(of change: JobChange) {
        field("at", change.at)
        field("from", change.from?.rawValue)
        field("to", change.to.rawValue)
        field("worker", change.worker)
        field("fence", change.fence.map { Int($0) })
        field("attempt", change.attempt)
        field("reclaims", change.reclaims)
        field("error", change.error)
    }

    mutating func fields(of position: QueuePosition) {
        field("state", position.state.rawValue)
        field("ahead", position.ahead)
        field("blockedBy", position.blockedBy.map { Int($0.rawValue) })
    }

    mutating func fields(of lock: HeldNamespace) {
        field("namespace", lock.namespace.rawValue)
        field("job", lock.job.map { Int($0.rawValue) })
        field("worker", lock.worker)
        field("fence", Int(lock.fence))
        field("expiresAt", lock.expiresAt)
        field("overdue", lock.isOverdue)
    }

    mutating func fields(of worker: ReportedWorker) {
        field("worker", worker.report.worker)
        field("version", worker.report.version)
        field("slots", worker.report.slots)
        field("busy", worker.report.busy)
        field("kubernetes", worker.report.kubernetes)
        field("helm", worker.report.helm)
        field("interactiveLimit", worker.report.limits?.interactive)
        field("backgroundLimit", worker.report.limits?.background)
        field("draining", worker.isDraining)
        field("reportedAt", worker.reportedAt)
    }

    mutating func fields(of hour: QueueHour) {
        field("at", hour.at)
        field("succeeded", hour.succeeded)
        field("failed", hour.failed)
        field("cancelled", hour.cancelled)
        field("mostQueued", hour.mostQueued)
        field("mostRunning", hour.mostRunning)
    }

    mutating func fields(of orphan: Orphan) {
        field("kind", orphan.kind.rawValue)
        field("name", orphan.name)
        field("detail", orphan.detail)
        field("firstSeen", orphan.firstSeen)
    }

    /// `nil`: nobody has looked.
    mutating func fields(of seen: SeenCapacity?) {
        field("seenAt", seen?.at)
        array("nodes", seen?.capacity.nodes ?? []) { json, node in
            json.object {
                $0.field("name", node.name)
                $0.field("takesPods", node.takesPods)
                $0.object("allocatable") { $0.fields(of: node.allocatable) }
                $0.object("reserved") { $0.fields(of: node.reserved) }
            }
        }
        object("waiting") { $0.fields(of: seen?.capacity.waiting ?? .init()) }
        array("room", seen?.room ?? []) { json, room in
            json.object {
                $0.field("engine", room.engine.rawValue)
                $0.field("plan", room.plan.rawValue)
                $0.field("stores", room.stores)
            }
        }
    }

    mutating func fields(of amounts: ClusterCapacity.Amounts) {
        field("cpuMillis", amounts.cpu)
        field("memoryBytes", amounts.memory)
        field("pods", amounts.pods)
    }
}
