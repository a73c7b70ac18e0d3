package import Configuration
import StoreDomain

extension ConfigReader {
    /// `MAX_STORES_PER_USER` (100), at least 0.
    package func storesPerUser() throws -> Int { try number("max.stores.per.user", default: 100, in: 0...1_000_000) }

    /// `MAX_UNITS_PER_USER`: units of plans, see `StorePlan`; as many as the stores of the largest plan count where it is not set.
    package func unitsPerUser() throws -> Int {
        let largest = StorePlan.allCases.map(\.units).max() ?? 1
        return try number("max.units.per.user", default: storesPerUser() * largest, in: 0...4_000_000)
    }

    /// `RESERVED_NAMES`: slugs, separated by commas, that only get a suffixed namespace.
    package func reservedSlugs() throws -> Set<String> {
        Set(try list("reserved.names", default: PlatformDefaults.reservedNames, "names of a-z, 0-9 and -") { StoreSlug($0)?.rawValue })
    }

    /// `KEEP_DELETED_DAYS` (7): for how many days a deleted store can be brought back; 0: it is gone at once.
    package func keepDeletedDays() throws -> Int { try number("keep.deleted.days", default: 7, in: 0...3_650) }
}
