import CoreMetrics
import Foundation
import ServiceLifecycle
import StoreDomain

/// The file system that the storage keeps repositories on.
struct VaultVolume: Sendable {
    let folder: URL
    /// In bytes.
    let reserved: Int64

    /// Whether a backup may add so many bytes. What cannot be asked has room: the storage says itself when it is full.
    func hasRoom(for bytes: Int64) -> Bool {
        guard let free = space(.systemFreeSize) else { return true }
        return free - bytes >= reserved
    }

    /// What the storage leaves of a folder when its files are gone.
    func remove(_ emptied: VaultFolder) throws {
        let it = folder.appending(path: emptied.name, directoryHint: .isDirectory)
        if FileManager.default.fileExists(atPath: it.path) { try FileManager.default.removeItem(at: it) }
    }

    /// When that file was written. restic's own server tells nobody, rclone does.
    func written(_ object: VaultObject, in place: VaultFolder) -> Date? {
        let file = folder.appending(path: "\(place)/\(object.path)")
        return (try? FileManager.default.attributesOfItem(atPath: file.path))?[.modificationDate] as? Date
    }

    fileprivate func report() {
        for (key, name) in [(FileAttributeKey.systemFreeSize, "free"), (.systemSize, "whole")] {
            if let bytes = space(key) { Gauge(label: "storeweaver_vault_volume_bytes", dimensions: [("part", name)]).record(bytes) }
        }
    }

    private func space(_ key: FileAttributeKey) -> Int64? {
        (try? FileManager.default.attributesOfFileSystem(forPath: folder.path))?[key].flatMap { ($0 as? NSNumber)?.int64Value }
    }
}

/// Reports how full the volume is.
struct VolumeReporter: Service {
    let volume: VaultVolume

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                volume.report()
                try await Task.sleep(for: .seconds(15))
            }
        }
    }
}
