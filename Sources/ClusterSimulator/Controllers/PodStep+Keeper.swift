/// The pod of a keeper task: what it does befalls the ledger and the vault in the step with which it ends, so one that is killed before
/// has done nothing.
extension PodStep {
    func keep(_ runtime: inout PodRuntime) {
        if let fault = strike(.keeperHangs) {
            runtime.log(fault.message ?? "simulated keeper hangs", runtime.initCount, at: cluster.now)
            return wait(&runtime, .warmUp, Self.never)
        }
        do throws(KeeperFailure) {
            let task = try KeeperTask(pod, in: cluster)
            if task.work != .count, let fault = strike(.vaultAway) {
                throw KeeperFailure(.vaultAway, fault.message ?? "dial tcp: connect: connection refused (simulated)")
            }
            let begun = runtime.waitsSince ?? cluster.now
            runtime.waitsSince = begun
            if task.awaitsDatabase(in: namespace, of: cluster) {
                guard cluster.now - begun < cluster.delays.second * task.timeout else { throw task.databaseAway }
                return wait(&runtime, .warmUp, cluster.delays.backOff / 4)
            }
            switch task.work {
            case .backup:
                if let fault = strike(.dumpFails) {
                    throw KeeperFailure(.dumpFailed, fault.message ?? "Lost connection during query (simulated)")
                }
            case .restore, .load:
                if strike(.restoreHalf) != nil { return dieHalfway(&runtime) }
            case .prune:
                if let fault = strike(.repositoryDamaged) {
                    throw KeeperFailure(
                        .checkFailed,
                        fault.message ?? "error for tree 4dc3f2a1: ciphertext verification failed (simulated)"
                    )
                }
            case .export, .count: break
            }
            finish(&runtime, saying: try cluster.perform(task, in: namespace), isDone: true)
        } catch {
            finish(&runtime, saying: error.json, isDone: false)
        }
    }

    private func finish(_ runtime: inout PodRuntime, saying message: JSONValue, isDone: Bool) {
        let text = String(decoding: message.serialized(), as: UTF8.self)
        let isDatabases = ["dump-failed", "load-failed"].contains(message["error"].string ?? "")
        for index in runtime.initCount..<all.count {
            let isKeeper = runtime.containers[index].name == "keeper"
            let isWell = isDone || !isKeeper && !isDatabases
            runtime.log(text, index, at: cluster.now)
            end(&runtime, index, exitCode: isWell ? 0 : 1, reason: isWell ? "Completed" : "Error", message: isKeeper ? text : nil)
        }
        wait(&runtime, .done, .zero)
    }

    /// The database is emptied and not loaded, and the pod is killed.
    private func dieHalfway(_ runtime: inout PodRuntime) {
        var ledger = cluster.ledger(of: namespace)
        ledger.empty()
        cluster.setLedger(ledger, of: namespace)
        for index in runtime.initCount..<all.count { end(&runtime, index, exitCode: 137, reason: "Error") }
        wait(&runtime, .done, .zero)
    }
}
