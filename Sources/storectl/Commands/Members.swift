import ArgumentParser
import Identity
import JobDispatch
import StoreDomain
import StoreRecords

/// Who works on a store, whoever owns it, and who owns it.
struct Members: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, set and remove the members of a store; give it to another owner.",
        discussion: "USER is the e-mail address of an account, or a user's id.",
        subcommands: [List.self, Set.self, Remove.self, Transfer.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a store's owner and members.")
        @OptionGroup var output: OutputOptions
        @Argument(help: "The store's id.") var store: StoreID

        func run() async throws {
            try await Session.run { session in
                guard try await session.records.store(store, visibleTo: nil) != nil else { throw Refusal("There is no store \(store).") }
                Table.members.show(try await session.records.members(of: store), json: output.json, nothing: "The store is nobody's.")
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make somebody a member, or a member something else.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Argument(help: "Whom.") var user: String
        @Argument(help: "viewer or manager.") var role: StoreRole

        func run() async throws {
            guard StoreRole.ofMembers.contains(role) else { throw Refusal("A store gets another owner by storectl members transfer.") }
            try await Session.run { session in
                let member = try await session.user(user)
                switch try await session.records.setMember(member, of: store, to: role, visibleTo: nil, by: order.actor()) {
                case .done, .unchanged:
                    output.say(
                        "\(user) is a \(role.rawValue) of store \(store).",
                        ("store", .text(store.rawValue)),
                        ("user", .text(member.rawValue)),
                        ("role", .text(role.rawValue))
                    )
                case .isOwner: throw Refusal("Store \(store) is \(user)'s.")
                case .tooMany: throw Refusal("Store \(store) has \(StoreRecords.mostMembers) members.")
                case .notReady: throw Refusal("Store \(store) is being deleted.")
                case .notFound: throw Refusal("There is no store \(store).")
                }
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a membership.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Argument(help: "Whose.") var user: String

        func run() async throws {
            try await Session.run { session in
                let member = try await session.user(user)
                switch try await session.records.removeMember(member, of: store, visibleTo: nil, by: order.actor()) {
                case .done:
                    output.say(
                        "\(user) is no member of store \(store) any more.",
                        ("store", .text(store.rawValue)),
                        ("user", .text(member.rawValue))
                    )
                case .noMember: throw Refusal("\(user) is no member of store \(store).")
                case .notFound: throw Refusal("There is no store \(store).")
                }
            }
        }
    }

    struct Transfer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a store to another owner at once, within their quota.",
            discussion: "Its administrator gets a new password. Open invitations and links to exports work no more."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The store's id.") var store: StoreID
        @Argument(help: "To whom.") var user: String
        @Option(help: "What the owner of now is afterwards: viewer or manager; nothing without it.") var leavesAs: StoreRole?

        func run() async throws {
            guard leavesAs != .owner else { throw Refusal("A store has one owner.") }
            try await Session.run { session in
                let owner = try await session.user(user)
                let token = SecretToken.random(.storeInvitation).reference
                switch try await session.operations.transfer(store, to: owner, by: token, leavesAs: leavesAs, actor: order.actor()) {
                case .transferred(_, let descriptor):
                    output.say(
                        "Store \(store) is \(user)'s now; job \(descriptor.id) renews its administrator's password.",
                        ("store", .text(store.rawValue)),
                        ("owner", .text(owner.rawValue)),
                        ("job", .number(Int(descriptor.id.rawValue)))
                    )
                case .isOwner: throw Refusal("Store \(store) is \(user)'s already.")
                case .storeLimitReached(let used, let limit): throw Refusal("\(user) has \(used) of \(limit) stores.")
                case .unitLimitReached(let used, let limit): throw Refusal("\(user) has \(used) of \(limit) units; the store has no room.")
                case .notReady(let found): throw Refusal("\(found.changeRefusal).")
                case .joined, .otherAddress, .invalid: throw Refusal("There is no store \(store), or it is being deleted.")
                }
            }
        }
    }
}

extension StoreRole: ExpressibleByArgument {}

extension Session {
    /// The account with that address, or the user with that id. Where accounts are kept, nobody else is one.
    fileprivate func user(_ text: String) async throws -> UserID {
        if let email = EmailAddress(text), let account = try await records.account(email)?.account { return account.id }
        guard let user = UserID(text), user.isPresentable else { throw Refusal("\(text.inOneLine) can be no user.") }
        if try await records.account(user) != nil { return user }
        guard try await records.accounts().isEmpty else { throw Refusal("\(text.inOneLine) has no account.") }
        return user
    }
}

extension Table<StoreMember> {
    static var members: Self {
        Table(columns: [
            .init("user", "USER") { .text($0.user.rawValue) }, .init("email", "E-MAIL") { Value($0.email?.rawValue) },
            .init("role", "ROLE") { .text($0.role.rawValue) }, .init("addedAt", "SINCE") { Value($0.addedAt) },
            .init("addedBy", "BY") { Value($0.addedBy) },
        ])
    }
}
