/// A job's identity: PostgreSQL's `jobs.id`, counting from 1.
package struct JobID: Hashable, Sendable, Comparable, LosslessStringConvertible {
    package let rawValue: Int64

    package init?(_ rawValue: Int64) {
        guard rawValue > 0 else { return nil }
        self.rawValue = rawValue
    }

    /// `nil` unless the text is written as `description` writes it: `+7` or `07` would be another key in Redis.
    package init?(_ text: String) {
        guard let value = Int64(text), String(value) == text else { return nil }
        self.init(value)
    }

    package static func < (left: JobID, right: JobID) -> Bool { left.rawValue < right.rawValue }

    package var description: String { String(rawValue) }
}

/// What a job was asked for.
package enum JobKind: String, Sendable, CaseIterable, Codable {
    case provision
    case retry
    case delete
    /// Makes the newest generation of a ready store's spec true.
    case apply
    /// Saves a store's data; the store stays as it is.
    case backup
    /// Replaces a store's data by a backup's.
    case restore

    /// What the worker makes true of a store.
    package func wants(_ spec: StoreSpec) -> DesiredState {
        switch self {
        case .delete: .gone
        case .provision, .retry, .apply, .backup, .restore: spec.desiredState
        }
    }
}

/// How far a job is with what must not be begun a second time, or be left half done: an attempt that takes it over goes on there.
package enum JobPhase: String, Sendable, CaseIterable {
    /// The change failed, and the store is to get back what it had.
    case goingBack = "going-back"
    /// Of a restore or an upgrade: the store is closed, or about to be, and its data is what it was.
    case closing
    /// Of an upgrade: the store's data is what it was, or what the new version made of it. Nobody is let in before the new version is proved.
    case upgrading
    /// The store's data is being replaced: until that is done it is neither what it was nor what it is to be.
    case restoring
    /// The data is whole, and the store is being opened: another attempt does not load it again, over what is sold meanwhile.
    case opening
    /// The change failed, and the store has its data back: it is opened as it was, and nothing is loaded over what is sold meanwhile.
    case reopening
}

/// Which jobs wait and are counted together. Lower ones are taken first, and each has a limit of its own.
package enum JobClass: Int, Sendable, CaseIterable {
    case delete = 0
    /// Somebody waits for it: a provision, a retry, a change that a person asked for.
    case interactive = 1
    /// Nobody waits for it: a schedule's change.
    case background = 2

    /// As Redis's keys and everything that people read have it.
    package var name: String {
        switch self {
        case .delete: "delete"
        case .interactive: "interactive"
        case .background: "background"
        }
    }

    package init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }
}

/// `closed`: of the store nothing runs but its database, so that nobody writes to it. `shut`: all of it runs, and no visitor gets in. `asleep`:
/// everything of the store is there, and nothing of it runs.
package enum DesiredState: String, Sendable { case running, shut, closed, asleep, gone }

/// Where a job is. `queued` and `running` are live; the others are final.
package enum JobState: String, Sendable, CaseIterable, Codable {
    case queued
    case running
    case succeeded
    case failed
    case cancelled
}

/// What a worker holds while it works on a namespace: PostgreSQL minted it and refuses every write of an older one.
package struct Fence: Hashable, Sendable, CustomStringConvertible {
    /// Grows by one with every claim of the namespace.
    package let number: Int64
    /// Random; tells two claims apart that a failover gave the same number. 32 lower-case hex digits.
    package let attemptID: String

    package init(number: Int64, attemptID: String) {
        self.number = number
        self.attemptID = attemptID
    }

    package var description: String { "\(number)/\(attemptID.prefix(8))" }
}
