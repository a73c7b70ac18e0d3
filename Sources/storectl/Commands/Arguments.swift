import ArgumentParser
import StoreDomain

// What a person types is parsed into the domain's types, or refused with the usage.

extension JobID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension StoreID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension UserID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension JobState: ExpressibleByArgument {}
extension JobKind: ExpressibleByArgument {}
extension StoreStatus: ExpressibleByArgument {}
extension Engine: ExpressibleByArgument {}
