import Postgres
package import StoreDomain

// What a column can be read as: a text or number that stands for no value of the type is an error.

extension AwakeSchedule: PostgresDecodable {}
extension ChartVersion: PostgresDecodable {}
extension EmailAddress: PostgresDecodable {}
extension JobID: PostgresDecodable {}
extension ShortID: PostgresDecodable {}
extension StoreID: PostgresDecodable {}
extension StoreNamespace: PostgresDecodable {}
extension UserID: PostgresDecodable {}

extension AttemptRecord.Outcome: PostgresDecodable {}
extension AuditOutcome: PostgresDecodable {}
extension BackupKind: PostgresDecodable {}
extension BackupStatus: PostgresDecodable {}
extension BuildSource: PostgresDecodable {}
extension BuildStage: PostgresDecodable {}
extension Channel.Kind: PostgresDecodable {}
extension Channel.State: PostgresDecodable {}
extension Delivery.Status: PostgresDecodable {}
extension DeliveryOutcome: PostgresDecodable {}
extension DomainState: PostgresDecodable {}
extension Engine: PostgresDecodable {}
extension Inconsistency.Kind: PostgresDecodable {}
extension JobClass: PostgresDecodable {}
extension JobKind: PostgresDecodable {}
extension JobPhase: PostgresDecodable {}
extension JobState: PostgresDecodable {}
extension NoticeKind: PostgresDecodable {}
extension Orphan.Kind: PostgresDecodable {}
extension ProvisioningStep: PostgresDecodable {}
extension Role: PostgresDecodable {}
extension RolloutMemberState: PostgresDecodable {}
extension RolloutState: PostgresDecodable {}
extension SleepingPolicy: PostgresDecodable {}
extension StoreActivity: PostgresDecodable {}
extension StoreEvent.Kind: PostgresDecodable {}
extension StoreHealth.Drift: PostgresDecodable {}
extension StoreHealth.State: PostgresDecodable {}
extension StorePlan: PostgresDecodable {}
extension StoreRole: PostgresDecodable {}
extension StoreStatus: PostgresDecodable {}

extension StoreName: PostgresDecodable {
    package static func decode(postgresText: String?) -> StoreName? { postgresText.flatMap { try? StoreName($0) } }
}

extension DomainName: PostgresDecodable {
    package static func decode(postgresText: String?) -> DomainName? { postgresText.flatMap { DomainName(stored: $0) } }
}

extension DomainToken: PostgresDecodable {
    package static func decode(postgresText: String?) -> DomainToken? { postgresText.flatMap { DomainToken($0) } }
}
