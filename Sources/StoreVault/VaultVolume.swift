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

    /// The folders that the storage leaves when a repository's files are gone.
    func removeFolder(of store: StoreID) throws {
        let it = folder.appending(path: store.rawValue, directoryHint: .isDirectory)
        if FileManager.default.fileExists(atPath: it.path) { try FileManager.default.removeItem(at: it) }
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
