import Foundation
import Identity
import StoreDomain
import Testing

@Suite struct PolicyTests {
    enum Answer: String {
        case every, own, yes, signIn, no
    }

    /// Each caller's answers, in the order of `Permission.allCases`: open, identify, read, change, reveal, operate, administer, manage.
    static let table: [(String, Principal?, [Answer])] = {
        let ada = UserID("ada")
        func token(_ role: Role, _ scopes: Set<APIScope>) -> Principal {
            Principal(user: ada, role: role, means: .apiToken("1", scopes: scopes))
        }
        return [
            ("nobody", nil, [.yes, .signIn, .signIn, .signIn, .signIn, .signIn, .signIn, .signIn]),
            ("a header's user", Principal(user: ada, role: .user, means: .header), [.yes, .yes, .own, .own, .own, .signIn, .signIn, .no]),
            (
                "a header's nobody", Principal(user: nil, role: .user, means: .header),
                [.yes, .yes, .every, .every, .every, .signIn, .signIn, .no]
            ),
            (
                "the installation", Principal(user: nil, role: .admin, means: .installation),
                [.yes, .yes, .every, .every, .no, .every, .every, .no]
            ),
            ("a user", Principal(user: ada, role: .user, means: .session("s")), [.yes, .yes, .own, .own, .own, .no, .no, .yes]),
            (
                "an operator", Principal(user: ada, role: .operator, means: .session("s")),
                [.yes, .yes, .every, .own, .own, .every, .no, .yes]
            ),
            ("an admin", Principal(user: ada, role: .admin, means: .bearer), [.yes, .yes, .every, .every, .own, .every, .every, .yes]),
            ("a reading token", token(.admin, [.read]), [.yes, .yes, .every, .no, .no, .no, .no, .no]),
            ("a writing token", token(.user, [.write]), [.yes, .yes, .own, .own, .no, .no, .no, .no]),
            ("a token for credentials", token(.user, [.credentials]), [.yes, .yes, .no, .no, .own, .no, .no, .no]),
            ("an operator's token", token(.operator, [.operate, .administer]), [.yes, .yes, .no, .no, .no, .every, .no, .no]),
            ("a token of more than its user", token(.user, Set(APIScope.allCases)), [.yes, .yes, .own, .own, .own, .no, .no, .no]),
        ]
    }()

    @Test("decides for each permission and each caller", arguments: table) func decides(
        _ name: String,
        _ principal: Principal?,
        _ answers: [Answer]
    ) {
        #expect(answers.count == Permission.allCases.count)
        for (permission, expected) in zip(Permission.allCases, answers) {
            let answer: Answer =
                switch Policy.decide(permission, principal) {
                case .allowed(.every): .every
                case .allowed(.own): .own
                case .allowed(.none): .yes
                case .signInNeeded: .signIn
                case .forbidden: .no
                }
            #expect(answer == expected, "\(permission) for \(name)")
        }
    }
}
