import ArgumentParser
import StoreDomain
import StoreRecords

// What a person types is parsed into the domain's types, or refused with the usage.

extension JobID: ExpressibleByArgument {}
extension StoreID: ExpressibleByArgument {}
extension ShortID: ExpressibleByArgument {}
extension UserID: ExpressibleByArgument {}
extension EmailAddress: ExpressibleByArgument {}
extension AwakeSchedule: ExpressibleByArgument {}
extension StoreSlug: ExpressibleByArgument {}
extension ChartVersion: ExpressibleByArgument {}
extension VolumeSize: ExpressibleByArgument {}

extension AuditOutcome: ExpressibleByArgument {}
extension Role: ExpressibleByArgument {}
extension JobState: ExpressibleByArgument {}
extension JobKind: ExpressibleByArgument {}
extension StoreStatus: ExpressibleByArgument {}
extension Engine: ExpressibleByArgument {}
extension StorePlan: ExpressibleByArgument {}

extension StoreName: ExpressibleByArgument {
    package init?(argument: String) {
        guard let name = try? StoreName(argument), argument.hasVisibleCharacter else { return nil }
        self = name
    }
}
