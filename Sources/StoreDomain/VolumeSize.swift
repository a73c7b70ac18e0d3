/// The size of a volume, in whole mebibytes: from 1 MiB to 64 TiB.
package struct VolumeSize: Hashable, Sendable, Comparable, LosslessStringConvertible {
    package static let maximum = 64 << 20

    package let mebibytes: Int

    package init?(mebibytes: Int) {
        guard (1...Self.maximum).contains(mebibytes) else { return nil }
        self.mebibytes = mebibytes
    }

    /// A Kubernetes quantity in whole mebibytes, e.g. `10Gi` or `512Mi`; `nil` for anything else.
    package init?(_ text: String) {
        let units: [(String, Int)] = [("Mi", 1), ("Gi", 1 << 10), ("Ti", 1 << 20)]
        guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }) else {
            // Bytes, as some storage classes write a volume's size.
            guard let bytes = Int(text), bytes > 0, bytes % (1 << 20) == 0 else { return nil }
            self.init(mebibytes: bytes >> 20)
            return
        }
        let digits = text.dropLast(unit.count)
        guard (1...8).contains(digits.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits) else {
            return nil
        }
        self.init(mebibytes: number * factor)
    }

    package static func < (left: VolumeSize, right: VolumeSize) -> Bool { left.mebibytes < right.mebibytes }

    /// As Kubernetes takes it.
    package var description: String { mebibytes % 1_024 == 0 ? "\(mebibytes / 1_024)Gi" : "\(mebibytes)Mi" }
}
