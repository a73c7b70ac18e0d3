import Cluster
import Foundation
import Observation
import StoreDomain

/// Carrying out a keeper's task, and waiting for its end.
extension StoreAttempt {
    private var jobsPath: String { ObservedKind.jobs.path(in: store.namespace) }

    /// What became of the task. What it left in the namespace is removed, but for the Job of an attempt that ends before its task: a
    /// successor waits for the same one. Throws what the cluster and the journal throw.
    func perform(_ task: KeeperTask, with data: DataJob) async throws -> KeeperReport {
        guard let settings = settings.keeper else { return .failed(.notHere) }
        guard let place = try await keeperPlace() else {
            return .failed(BackupFailure(code: "no-database", message: "The store has no database to work with."))
        }
        var job = try await kubernetes.get(jobsPath + "/" + task.name)
        // One that failed is not carried on; neither is one that never began: its Secret, if it has one, holds a token of that time.
        if let old = job, old.isTerminating || old.jobEnd == .failed || old["spec"]["suspend"].bool == true { job = nil }
        guard try await endTasks(but: job == nil ? nil : task.name) else {
            return .failed(BackupFailure(code: "task-failed", message: "The pod of an earlier task does not end."))
        }
        if job == nil {
            let objects = KeeperObjects(
                task: task,
                store: store,
                place: place,
                settings: settings,
                dns: try nameService(),
                room: KeeperRoom(in: known.applied?.spec.version ?? plan?.spec.version)
            )
            job = try await begin(objects, data)
        }
        guard let uid = job?.uid else { return .failed(.lost) }
        let report = try await wait(for: task, uid: uid, settings: settings)
        // Where a pod goes on all the same, the next task finds it.
        _ = try await endTasks(but: nil)
        return report
    }

    /// Ends the store's tasks, whatever job began them, and waits for their pods: two may not work on one store's data at once. `spared`:
    /// the Job of the one that may go on. False: a pod goes on all the same.
    private func endTasks(but spared: String?) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        let paths = [jobsPath, podsPath].map { "\($0)?labelSelector=app.kubernetes.io%2Fcomponent%3D\(KeeperObjects.component)" }
        return try await NamespaceChanges(kubernetes: kubernetes, paths: paths).follow { () async throws -> Bool? in
            try lease.confirm()
            let jobs = try await kubernetes.list(paths[0]).filter { $0.name != spared }
            for job in jobs where !job.isTerminating {
                guard let uid = job.uid else { continue }
                try await toleratingConflict { try await kubernetes.delete(jobsPath + "/" + job.name, uid: uid, under: lease) }
            }
            let living = try await kubernetes.list(paths[1]).filter { pod in
                !["Succeeded", "Failed"].contains(pod["status"]["phase"].string)
                    && !pod["metadata"]["ownerReferences"].items.contains { $0["name"].string == spared }
            }
            if jobs.isEmpty, living.isEmpty { return true }
            return ContinuousClock.now < deadline ? nil : false
        }
    }

    /// How the store's pods find names, as its chart was told.
    private func nameService() throws -> JSON {
        let values =
            try plan?.values ?? known.applied?.values.map { try JSON(data: Data($0.utf8)) }
            ?? settings.installation.values(for: store.engine)
        return values["networkPolicy"]["dns"]
    }

    func keeperPlace() async throws -> KeeperPlace? {
        KeeperPlace(
            of: store,
            statefulSets: try await kubernetes.list(ObservedKind.statefulSets.path(in: store.namespace)),
            deployments: try await kubernetes.list(ObservedKind.deployments.path(in: store.namespace)),
            claims: try await kubernetes.list(ObservedKind.claims.path(in: store.namespace))
        )
    }

    /// Makes the Job and what its pod needs beside it, and then lets the pod be made.
    private func begin(_ objects: KeeperObjects, _ data: DataJob) async throws -> JSON? {
        let path = jobsPath + "/" + objects.task.name
        try await toleratingConflict { _ = try await kubernetes.create(jobsPath, objects.job(by: lease.fence), under: lease) }
        guard let job = try await kubernetes.get(path), job.belongs(to: store), let uid = job.uid else { return nil }
        var password: SecretText?
        if let repository = objects.task.repository { password = try await data.journal.password(of: repository) }
        for (collection, object) in objects.belongings(of: ObjectIdentity(name: job.name, uid: uid), password: password) {
            let group = collection == "secrets" ? "/api/v1" : "/apis/networking.k8s.io/v1"
            try await make(object, in: group + "/namespaces/\(namespace)/" + collection, for: uid)
        }
        while let job = try await kubernetes.get(path), job.uid == uid, job["spec"]["suspend"].bool == true {
            // Its controller writes to it, too.
            try await toleratingConflict {
                _ = try await kubernetes.replace(path, job.setting(["spec", "suspend"], to: false), under: lease)
            }
        }
        return job
    }

    /// One that is another Job's, of which the cluster has not removed it yet, makes room.
    private func make(_ object: JSON, in collection: String, for uid: String) async throws {
        let path = collection + "/" + object.name
        for _ in 0..<50 {
            try await toleratingConflict { _ = try await kubernetes.create(collection, object, under: lease) }
            guard let present = try await kubernetes.get(path) else { continue }
            if present["metadata"]["ownerReferences"].items.contains(where: { $0["uid"].string == uid }) { return }
            guard present.belongs(to: store), let old = present.uid else { break }
            try await toleratingConflict { try await kubernetes.delete(path, uid: old, under: lease) }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw ClusterError(code: .foreign, message: "\(object.name) in namespace \(namespace) is somebody else's. Remove it, then retry.")
    }

    private func wait(for task: KeeperTask, uid: String, settings: KeeperSettings) async throws -> KeeperReport {
        let began = ContinuousClock.now
        let deadline = began + settings.timeLimit + .seconds(30)
        let name = jobsPath + "?fieldSelector=metadata.name%3D\(task.name)"
        let changes = NamespaceChanges(kubernetes: kubernetes, paths: [name, podsPath, ObservedKind.events.path(in: store.namespace)])
        return try await changes.follow {
            try lease.confirm()
            do {
                guard let job = try await kubernetes.get(jobsPath + "/" + task.name), job.uid == uid else { return .failed(.lost) }
                let pod = try await kubernetes.list(podsPath).first {
                    $0["metadata"]["ownerReferences"].items.contains { $0["uid"].string == uid }
                }
                if let end = job.jobEnd { return Self.report(of: task, end, job: job, pod: pod) }
                if ContinuousClock.now >= deadline { return .failed(.late) }
                guard ContinuousClock.now - began >= settings.startLimit, pod?["status"]["phase"].string ?? "Pending" == "Pending" else {
                    return nil
                }
                return .failed(try await whyNotBegun(job, pod))
            } catch let error as ClusterError where error.isTransient {
                guard ContinuousClock.now < deadline else { throw error }
                return nil
            }
        }
    }

    private static func report(of task: KeeperTask, _ end: JSON.JobEnd, job: JSON, pod: JSON?) -> KeeperReport {
        let ended = pod?["status"]["containerStatuses"].items.first { $0["name"].string == "keeper" }?["state"]["terminated"] ?? .null
        let report = ended["message"].string.flatMap { KeeperReport(message: $0, of: task.kind) }
        switch (end, report) {
        case (_, .failed(let failure)): return .failed(failure)
        case (.complete, let report?): return report
        case (.complete, nil): return .failed(BackupFailure(code: "task-failed", message: "The task ended and did not say what it did."))
        case (.failed, _):
            let reason = job["status"]["conditions"].items.first { $0["type"].string == "Failed" }?["message"].string
            let word = ended["reason"].string ?? pod?["status"]["reason"].string
            let what = [reason, word].compactMap(\.self).map { $0.plain(atMost: 300) }.joined(separator: "; ")
            return .failed(
                BackupFailure(code: "task-failed", message: "The task was ended from outside: \(what.isEmpty ? "nothing says why" : what).")
            )
        }
    }

    /// In the cluster's words.
    private func whyNotBegun(_ job: JSON, _ pod: JSON?) async throws -> BackupFailure {
        let status = pod?["status"] ?? .null
        let containers = status["initContainerStatuses"].items + status["containerStatuses"].items
        let waiting = containers.map { $0["state"]["waiting"] }.first { !$0["reason"].isNull && $0["reason"].string != "PodInitializing" }
        var words = waiting.flatMap { [$0["reason"].string, $0["message"].string].compactMap(\.self) } ?? []
        if words.isEmpty {
            words = status["conditions"].items.filter { $0["status"].string == "False" }.compactMap { $0["message"].string }
        }
        if words.isEmpty {
            let events = try await kubernetes.list(ObservedKind.events.path(in: store.namespace))
            let uids = [job.uid, pod?.uid].compactMap(\.self)
            words = events.filter { event in
                event["type"].string == "Warning"
                    && (event["involvedObject"]["uid"].string ?? event["regarding"]["uid"].string).map(uids.contains) ?? false
            }.compactMap { $0["message"].string ?? $0["note"].string }.suffix(1)
        }
        let what = words.map { $0.plain(atMost: 400) }.joined(separator: ", ")
        return BackupFailure(code: "not-begun", message: "The task's pod did not begin: \(what.isEmpty ? "nothing says why" : what).")
    }
}

extension BackupFailure {
    /// The same again cannot succeed before somebody changes something.
    var isPermanent: Bool {
        [
            "wrong-key", "vault-refused", "no-repository", "no-snapshot", "cannot-close", "bad-archive", "no-archive", "no-exports",
            Diagnosis.Cause.helmConflict.rawValue,
        ].contains(code)
    }

    /// It lies in what was to be loaded, and not in the vault's, the cluster's or a worker's state.
    var isTheBackups: Bool {
        ["wrong-key", "no-repository", "no-snapshot", "load-failed", "files-failed", "bad-archive", "no-archive"].contains(code)
    }

    static let notHere = BackupFailure(code: "no-backups", message: "This worker keeps no backups.")
    static let lost = BackupFailure(code: "task-failed", message: "The task was removed by somebody else.")
    static let late = BackupFailure(code: "task-failed", message: "The task did not end in its time.")
}

extension JSON {
    enum JobEnd { case complete, failed }

    /// Of a Job; `nil` while it goes on.
    fileprivate var jobEnd: JobEnd? {
        let ends = self["status"]["conditions"].items.filter { $0["status"].string == "True" }.compactMap { $0["type"].string }
        return ends.contains("Complete") ? .complete : ends.contains("Failed") ? .failed : nil
    }
}
