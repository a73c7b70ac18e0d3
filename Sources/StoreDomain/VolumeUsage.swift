/// What one of a store's volumes really uses, as the store itself counted it. Volumes of some storage classes have no bound but that.
package struct VolumeUsage: Sendable, Equatable, Codable {
    package enum Volume: String, Sendable, CaseIterable, Codable {
        case database
        case uploads
        case cache
    }

    package let name: Volume
    /// Bytes, in whole mebibytes: a store that sells is not written down anew for every order.
    package let used: Int64
    /// Bytes that the volume was asked for with.
    package let size: Int64

    /// `nil` for what is no amount: less than nothing, or more than an exbibyte. A volume has a size.
    package init?(_ name: Volume, used: Int64, size: Int64) {
        let most: Int64 = 1 << 60
        guard (0...most).contains(used), (1...most).contains(size) else { return nil }
        self.name = name
        self.used = ((used + (1 << 20) - 1) >> 20) << 20
        self.size = size
    }
}
