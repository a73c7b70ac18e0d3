/// Job → pods until enough succeeded, too many failed, or its time is over. (CronJobs are stored, and never fire.)
struct JobController: Controller {
    let kind = Kind.jobs
    private static let component = "job-controller"

    func concerned(by change: Change, in cluster: ClusterState) -> [ObjectKey] {
        [.jobs, .pods].contains(change.key.kind) ? selfOrManager(of: change, in: cluster) : []
    }

    func reconcile(_ key: ObjectKey, in cluster: ClusterState) -> Duration? {
        guard let job = cluster.objects[key], !job.isTerminating else { return nil }
        if isOver(job) { return expire(key, job, in: cluster) }
        guard job.spec["suspend"].bool != true else { return nil }
        let pods = PodFactory.pods(of: job, in: cluster)
        let succeeded = pods.count { $0.status["phase"].string == "Succeeded" }
        let failed = failures(of: job, pods, in: cluster)
        let active = pods.filter { !["Succeeded", "Failed"].contains($0.status["phase"].string ?? "") && !$0.isTerminating }
        let restarts = active.flatMap { $0.status["containerStatuses"].array }.reduce(0) { $0 + ($1["restartCount"].int ?? 0) }
        let completions = job.spec["completions"].int ?? 1
        var status = job.status
        status.fill("startTime", .string(cluster.timestamp))
        status["succeeded"] = succeeded == 0 ? .null : JSONValue(succeeded)
        status["failed"] = failed == 0 ? .null : JSONValue(failed)
        let started = cluster.jobStarts[job.uid] ?? cluster.now
        cluster.jobStarts[job.uid] = started
        let limit = job.spec["activeDeadlineSeconds"].int.map { Duration.seconds($0) }
        var wait = limit.map { $0 - (cluster.now - started) }
        if succeeded >= completions {
            finish(&status, job, "Complete", "CompletionsReached", "Reached expected number of succeeded pods", in: cluster)
            cluster.record(.normal, "Completed", "Job completed", about: job, by: Self.component)
        } else if failed + restarts > job.spec["backoffLimit"].int ?? 6 {
            finish(&status, job, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit", in: cluster)
            cluster.record(.warning, "BackoffLimitExceeded", "Job has reached the specified backoff limit", about: job, by: Self.component)
        } else if let wait, wait <= .zero {
            finish(&status, job, "Failed", "DeadlineExceeded", "Job was active longer than specified deadline", in: cluster)
            cluster.record(.warning, "DeadlineExceeded", "Job was active longer than specified deadline", about: job, by: Self.component)
        } else {
            let missing = min(job.spec["parallelism"].int ?? 1, completions - succeeded) - active.count
            if missing > 0, !create(missing, for: job, in: cluster) {
                wait = min(wait ?? cluster.delays.backOff, cluster.delays.backOff)
            }
        }
        if status["completionTime"].isNull, !isOver(["status": status]) {
            let now = PodFactory.pods(of: job, in: cluster).filter { !["Succeeded", "Failed"].contains($0.status["phase"].string ?? "") }
            status["active"] = JSONValue(now.count)
            status["ready"] = JSONValue(now.count(where: \.isReadyPod))
        }
        cluster.change(key) { $0.status = status }
        return wait
    }

    /// As on a real cluster, a pod that is deleted before it succeeded has failed.
    private func failures(of job: JSONValue, _ pods: [JSONValue], in cluster: ClusterState) -> Int {
        let unsuccessful = pods.filter { $0.status["phase"].string != "Succeeded" }
        var all = cluster.jobPods[job.uid] ?? []
        all.subtract(pods.map(\.uid))
        let vanished = all.count
        cluster.jobPods[job.uid] = all.union(unsuccessful.map(\.uid))
        return vanished + unsuccessful.count { $0.status["phase"].string == "Failed" || $0.isTerminating }
    }

    private func isOver(_ job: JSONValue) -> Bool {
        ["Complete", "Failed"].contains { job.condition($0)["status"].string == "True" }
    }

    private func create(_ count: Int, for job: JSONValue, in cluster: ClusterState) -> Bool {
        for _ in 0..<count {
            do throws(APIFailure) {
                try PodFactory.create(
                    from: job.spec["template"],
                    owner: job,
                    kind: .jobs,
                    name: nil,
                    component: Self.component,
                    in: cluster
                )
            } catch { return false }
        }
        return true
    }

    private func finish(
        _ status: inout JSONValue,
        _ job: JSONValue,
        _ type: String,
        _ reason: String,
        _ message: String,
        in cluster: ClusterState
    ) {
        let interim = type == "Complete" ? "SuccessCriteriaMet" : "FailureTarget"
        for condition in [interim, type] {
            Condition.set(&status, condition, true, reason: reason, message: message, at: cluster.timestamp)
        }
        if type == "Complete" { status["completionTime"] = .string(cluster.timestamp) }
        status["active"] = .null
        status["ready"] = 0
        cluster.jobEnds[job.uid] = cluster.now
        for pod in PodFactory.pods(of: job, in: cluster) where !["Succeeded", "Failed"].contains(pod.status["phase"].string ?? "") {
            PodFactory.delete(pod, owner: job, component: Self.component, in: cluster)
        }
    }

    private func expire(_ key: ObjectKey, _ job: JSONValue, in cluster: ClusterState) -> Duration? {
        guard let limit = job.spec["ttlSecondsAfterFinished"].int, let end = cluster.jobEnds[job.uid] else { return nil }
        let rest = Duration.seconds(limit) - (cluster.now - end)
        guard rest <= .zero else { return rest }
        _ = try? cluster.delete(key)
        return nil
    }
}
