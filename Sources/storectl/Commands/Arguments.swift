import ArgumentParser
import StoreDomain
import StoreRecords

// What a person types is parsed into the domain's types, or refused with the usage.

extension JobID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension StoreID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension UserID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension EmailAddress: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension AuditOutcome: ExpressibleByArgument {}
extension Role: ExpressibleByArgument {}
extension JobState: ExpressibleByArgument {}
extension JobKind: ExpressibleByArgument {}
extension StoreStatus: ExpressibleByArgument {}
extension Engine: ExpressibleByArgument {}
extension StorePlan: ExpressibleByArgument {}

extension AwakeSchedule: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}

extension BackupID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension StoreSlug: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension StoreName: ExpressibleByArgument {
    package init?(argument: String) {
        guard let name = try? StoreName(argument), argument.hasVisibleCharacter else { return nil }
        self = name
    }
}

extension ChartVersion: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}

extension VolumeSize: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
