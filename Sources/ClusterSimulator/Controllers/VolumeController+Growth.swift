/// Growth in two steps, as a storage driver does it: the volume at once, its file system when a pod uses it.
extension VolumeController {
    private static let pending = "FileSystemResizePending"

    func grow(_ key: ObjectKey, _ claim: JSONValue, in cluster: ClusterState) -> Duration? {
        let size = claim.spec["resources"]["requests"]["storage"]
        guard let wanted = Quantity(size), let now = Quantity(claim.status["capacity"]["storage"]), wanted > now else {
            cluster.claims[claim.uid] = nil
            return nil
        }
        guard let since = cluster.claims[claim.uid] else {
            cluster.claims[claim.uid] = cluster.now
            return cluster.delay(\.bind, in: key.namespace)
        }
        let rest = since + cluster.delay(\.bind, in: key.namespace) - cluster.now
        guard rest <= .zero else { return rest }
        let volume = claim.spec["volumeName"].string ?? ""
        cluster.change(ObjectKey(.persistentvolumes, "", volume)) { $0.spec["capacity"]["storage"] = size }
        guard isUsed(key.name, in: key.namespace, of: cluster) else {
            let why = "Waiting for user to (re-)start a pod to finish file system resize of volume on node."
            cluster.change(key) { Condition.set(&$0.status, Self.pending, true, message: why, at: cluster.timestamp) }
            return nil
        }
        cluster.claims[claim.uid] = nil
        cluster.change(key) { claim in
            claim.status["capacity"]["storage"] = size
            Condition.remove(&claim.status, Self.pending)
        }
        let what = "MountVolume.NodeExpandVolume succeeded for volume \"\(volume)\" \(ClusterState.nodeName)"
        cluster.record(.normal, "FileSystemResizeSuccessful", what, about: claim, by: "kubelet")
        return nil
    }
}
