import Cluster
package import StoreDomain

extension Storefront {
    /// What the store's volumes use, each once; `nil` where it does not say or says what cannot be, as images of before do.
    package func volumeUsage() async -> [VolumeUsage]? {
        guard let answer = try? await ask("its volumes", "/-/storage") else { return nil }
        return Self.volumes(in: answer.json)
    }

    static func volumes(in json: JSON) -> [VolumeUsage]? {
        var volumes: [VolumeUsage.Volume: VolumeUsage] = [:]
        for item in json["volumes"].items.prefix(VolumeUsage.Volume.allCases.count) {
            guard let name = item["name"].string.flatMap(VolumeUsage.Volume.init), case .integer(let used) = item["usedBytes"],
                case .integer(let size) = item["sizeBytes"], let volume = VolumeUsage(name, used: used, size: size)
            else { return nil }
            volumes[name] = volume
        }
        return volumes.isEmpty ? nil : VolumeUsage.Volume.allCases.compactMap { volumes[$0] }
    }
}
