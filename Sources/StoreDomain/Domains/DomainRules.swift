/// What no owner can bring along in an installation, though it is a domain.
package struct DomainRules: Sendable {
    /// Where stores have their hosts, and what else is the installation's; each with all that is below it.
    private let reserved: [String]
    private let suffixes: PublicSuffixes

    /// `reserved`: domains without a dot at their ends.
    package init(reserved: [String], suffixes: PublicSuffixes = .builtIn) {
        self.reserved = reserved
        self.suffixes = suffixes
    }

    /// Throws `DomainName.Invalid` with the reason.
    package func check(_ name: DomainName) throws(DomainName.Invalid) {
        if let ours = reserved.first(where: { name.isWithin($0) }) {
            throw DomainName.Invalid(reason: "\(ours) is this installation's: bring a domain of your own")
        }
        if reserved.contains(where: { $0.hasSuffix("." + name.rawValue) }) {
            throw DomainName.Invalid(reason: "\(name) is this installation's: bring a domain of your own")
        }
        if suffixes.contains(name) {
            throw DomainName.Invalid(reason: "\(name.displayed) is no domain of anybody's own: domains are registered below it")
        }
    }
}
