import ArgumentParser
import Foundation
import Identity
import StoreDomain
import StoreRecords

/// Accounts, for AUTH_MODE=accounts; quotas, for every mode. The first admin comes to be here.
struct Users: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manage accounts, quotas, invitations and ownership.",
        subcommands: [
            List.self, Create.self, Invite.self, ResetPassword.self, Disable.self, Enable.self, SetRole.self, SetQuota.self, MapOwner.self,
        ]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List accounts, oldest first, with how many stores and units of plans each has and may have."
        )
        @OptionGroup var output: OutputOptions
        @Option(help: "Only those whose e-mail address contains this.") var text: String?

        func run() async throws {
            try await Session.run { session in
                Table.users.show(try await session.records.accounts(containing: text), json: output.json, nothing: "There is no account.")
            }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an account, e.g. the first admin's.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @OptionGroup var password: PasswordOptions
        @Argument(help: "The e-mail address.") var email: EmailAddress
        @Option(help: "user, operator or admin.") var role = Role.user

        func run() async throws {
            let password = try await password.read()
            try await Session.run { session in
                let actor = try order.actor()
                guard let account = try await session.records.createAccount(email, passwordHash: password.hash, role: role, by: actor)
                else {
                    throw Refusal("\(email) has an account already.")
                }
                output.say(
                    "\(email) may sign in as \(role.rawValue)." + password.note,
                    ("id", .text(account.id.rawValue)),
                    ("email", .text(email.rawValue)),
                    ("role", .text(role.rawValue)),
                    ("password", Value(password.generated))
                )
            }
        }
    }

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let somebody sign up; prints the path of the page to send them.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "Restrict to this e-mail (default: anyone).") var email: EmailAddress?
        @Option(help: "user, operator or admin.") var role = Role.user
        @Option(help: "For how many days it is good, 1 to 90.") var days = 7

        func validate() throws {
            guard (1...90).contains(days) else { throw ValidationError("--days must be 1 to 90") }
        }

        func run() async throws {
            try await Session.run { session in
                let token = SecretToken.random(.invitation)
                try await session.records.invite(
                    token.reference,
                    email: email,
                    role: role,
                    by: try order.actor(),
                    for: .seconds(days * 86_400)
                )
                output.say(
                    "Good for \(days) days, once: /?invitation=\(token.text)",
                    ("invitation", .text(token.text)),
                    ("path", .text("/?invitation=\(token.text)"))
                )
            }
        }
    }

    struct ResetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an account a new password; its sessions end, its tokens for scripts go on."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @OptionGroup var password: PasswordOptions
        @Argument(help: "The e-mail address.") var email: EmailAddress

        func run() async throws {
            let password = try await password.read()
            try await Session.run { session in
                let account = try await session.account(email)
                _ = try await session.records.setPassword(of: account.id, hash: password.hash, by: try order.actor())
                output.say(
                    "\(email) has a new password." + password.note,
                    ("id", .text(account.id.rawValue)),
                    ("password", Value(password.generated))
                )
            }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an account sign in no more; its sessions and tokens end within five minutes, its stores go on."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The e-mail address.") var email: EmailAddress

        func run() async throws { try await set(email, isDisabled: true, by: order, output: output) }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a disabled account sign in again.")
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The e-mail address.") var email: EmailAddress

        func run() async throws { try await set(email, isDisabled: false, by: order, output: output) }
    }

    struct SetRole: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an account a user's, an operator's or an admin's; its sessions end."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The e-mail address.") var email: EmailAddress
        @Argument(help: "user, operator or admin.") var role: Role

        func run() async throws {
            try await Session.run { session in
                let account = try await session.account(email)
                _ = try await session.records.setRole(of: account.id, to: role, by: try order.actor())
                output.say("\(email) is \(role.rawValue) now.", ("id", .text(account.id.rawValue)), ("role", .text(role.rawValue)))
            }
        }
    }

    struct SetQuota: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how many stores or units of plans one user, or each user of a role, may have.",
            discussion: """
                A user's own quota counts before the role's, and that before MAX_STORES_PER_USER and MAX_UNITS_PER_USER.
                A store counts 1 unit of the small plan, 2 of the medium and 4 of the large one; half of that asleep.
                """,
            aliases: ["quota"]
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Option(help: "An account's e-mail address.") var email: EmailAddress?
        @Option(help: "A user by the id that owns stores, in any AUTH_MODE.") var user: UserID?
        @Option(help: "Every user of this role: user, operator or admin.") var role: Role?
        @Option(help: "How many units of plans, 0 to 1000000, or default.") var units: QuotaNumber?
        @Argument(help: "How many stores, 0 to 1000000, or default.") var stores: QuotaNumber?

        func validate() throws {
            guard [email != nil, user != nil, role != nil].count(where: { $0 }) == 1 else {
                throw ValidationError("Say whose quota it is by one of --email, --user and --role")
            }
            guard stores != nil || units != nil else { throw ValidationError("Say how many stores, or how many units by --units") }
        }

        func run() async throws {
            try await Session.run { session in
                var holder = role.map { QuotaHolder.role($0) } ?? user.map { .user($0) }
                if let email { holder = .user(try await session.account(email).id) }
                guard let holder else { return }
                let told = quotas.map { "\($1.text) \($0.rawValue)" }.joined(separator: ", ")
                let numbers = Dictionary(uniqueKeysWithValues: quotas.map { ($0, $1.number) })
                try await session.records.setQuotas(numbers, of: holder, told: told, by: try order.actor())
                output.say(
                    "The quota of \(holder) is \(told).",
                    ("whose", .text(holder.description)),
                    ("stores", Value(stores?.number)),
                    ("units", Value(units?.number))
                )
            }
        }

        private var quotas: [(Quota, QuotaNumber)] {
            [(Quota.stores, stores), (.units, units)].compactMap { quota, number in number.map { (quota, $0) } }
        }
    }

    struct MapOwner: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give an account all that an owner of another AUTH_MODE has, e.g. who was named by X-User-Id."
        )
        @OptionGroup var output: OutputOptions
        @OptionGroup var order: OperatorOptions
        @Argument(help: "The owner until now, as storectl stores list shows it.") var owner: UserID
        @Argument(help: "The account's e-mail address.") var email: EmailAddress

        func run() async throws {
            try await Session.run { session in
                let account = try await session.account(email)
                guard owner != account.id else { throw Refusal("\(owner) is this account already.") }
                let moved = try await session.records.mapOwner(owner, to: account.id, by: try order.actor())
                output.say(
                    "\(moved) stores of \(owner) are \(email)'s now.",
                    ("id", .text(account.id.rawValue)),
                    ("stores", .number(moved))
                )
            }
        }
    }

    private static func set(_ email: EmailAddress, isDisabled: Bool, by order: OperatorOptions, output: OutputOptions) async throws {
        try await Session.run { session in
            let account = try await session.account(email)
            _ = try await session.records.setDisabled(account.id, isDisabled, by: try order.actor())
            output.say(
                isDisabled ? "\(email) cannot sign in any more." : "\(email) may sign in again.",
                ("id", .text(account.id.rawValue)),
                ("disabled", .flag(isDisabled))
            )
        }
    }
}

/// How a password comes in. Never as an argument: those are in everybody's list of processes.
struct PasswordOptions: ParsableArguments {
    @Flag(help: "Read the password from standard input, to the end of the first line; without it one is made and printed once.")
    var passwordStdin = false

    /// The hash, and what was made up.
    func read() async throws -> (hash: String, generated: String?, note: String) {
        var password = ""
        if passwordStdin {
            password = readLine(strippingNewline: true) ?? ""
            guard Passwords.length.contains(password.count), password.utf8.count <= 800 else {
                throw ValidationError(
                    "The password must have \(Passwords.length.lowerBound) to \(Passwords.length.upperBound) characters"
                )
            }
        } else {
            // 20 of 54 characters that nobody takes for each other: 115 bits.
            let letters = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789")
            var generator = SystemRandomNumberGenerator()
            password = String((0..<20).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
        }
        let hash = try await Passwords().hash(password)
        return (hash, passwordStdin ? nil : password, passwordStdin ? "" : " The password, which is not shown again: \(password)")
    }
}

/// A number, or none of one's own.
struct QuotaNumber: ExpressibleByArgument {
    let number: Int?

    init?(argument: String) {
        if argument == "default" {
            number = nil
        } else {
            guard let number = Int(argument), (0...1_000_000).contains(number) else { return nil }
            self.number = number
        }
    }

    var text: String { number.map(String.init) ?? "default" }
}

extension Session {
    fileprivate func account(_ email: EmailAddress) async throws -> Account {
        guard let known = try await records.account(email) else { throw Refusal("\(email) has no account.") }
        return known.account
    }
}

extension Table<AccountSummary> {
    fileprivate static var users: Table {
        Table(
            columns: [
                .init("id", "ID") { .text($0.account.id.rawValue) },
                .init("email", "E-MAIL") { .text($0.account.email.rawValue) },
                .init("role", "ROLE") { .text($0.account.role.rawValue) },
                .init("stores", "STORES") { .number($0.used) },
                .init("quota", "QUOTA") { Value($0.quota) },
                .init("units", "UNITS") { .number($0.units) },
                .init("unitQuota", "UNIT QUOTA") { Value($0.unitQuota) },
                .init("created", "CREATED") { .time($0.account.createdAt) },
                .init("disabled", "DISABLED") { Value($0.account.disabledAt) },
            ]
        )
    }
}
