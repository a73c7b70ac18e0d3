/// An identity of 12 lower-case hexadecimal digits. `Kind` tells apart what it is of.
package struct ShortID<Kind>: Hashable, Sendable, LosslessStringConvertible {
    package let rawValue: String

    /// `nil` unless `text` is 12 lower-case hex digits.
    package init?(_ text: String) {
        guard text.isHex(12) else { return nil }
        rawValue = text
    }

    private init(trusted text: String) { rawValue = text }

    /// A fresh identity: 16¹² possibilities from the system's generator.
    package static func random() -> Self { Self(trusted: String(RandomToken.make().prefix(12))) }

    package var description: String { rawValue }
}

/// What has a short identity.
package enum Identified {
    package enum Archive {}
    package enum Backup {}
    package enum Channel {}
    package enum Rollout {}
}

/// Of an archive in the vault, which a store was exported into or is to be made of.
package typealias ArchiveID = ShortID<Identified.Archive>
package typealias BackupID = ShortID<Identified.Backup>
package typealias ChannelID = ShortID<Identified.Channel>
package typealias RolloutID = ShortID<Identified.Rollout>
