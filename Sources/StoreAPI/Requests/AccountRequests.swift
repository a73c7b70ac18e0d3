import Foundation
import HTTPTypes
import Identity
import StoreDomain

// The bodies of the account routes, each parsed once.

extension JSONBody {
    func email(_ field: String = "email") throws -> EmailAddress {
        guard let text = try text(field), let email = EmailAddress(text), email.isPresentable else {
            throw APIError.wrong(field, "A valid e-mail address is needed")
        }
        return email
    }

    /// A password that is to be kept.
    func newPassword(_ field: String = "password") throws -> String {
        guard let text = try text(field), Passwords.length.contains(text.count), text.utf8.count <= 800 else {
            throw APIError.wrong(
                field,
                "The password must have \(Passwords.length.lowerBound) to \(Passwords.length.upperBound) characters"
            )
        }
        return text
    }

    /// A password that is to be compared: whatever it is, the answer is the same.
    func password(_ field: String = "password") throws -> String {
        guard let text = try text(field) else { throw APIError.wrong(field, "A password is needed") }
        return String(text.prefix(1_000))
    }

    func role(_ field: String = "role") throws -> Role? {
        guard let value = self[field] else { return nil }
        guard let role = (value as? String).flatMap(Role.init(rawValue:)) else {
            throw APIError.wrong(field, "\(field) must be one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return role
    }

    /// A whole number; JSON's true and false are none.
    func number(_ field: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = self[field] else { return nil }
        guard let number = value as? NSNumber, isNumber(number), let whole = Int(exactly: number.doubleValue), range.contains(whole)
        else { throw APIError.wrong(field, "\(field) must be a number from \(range.lowerBound) to \(range.upperBound)") }
        return whole
    }

    func flag(_ field: String) throws -> Bool? {
        guard let value = self[field] else { return nil }
        guard let number = value as? NSNumber, !isNumber(number) else { throw APIError.wrong(field, "\(field) must be true or false") }
        return number.boolValue
    }

    /// JSONSerialization tells both as NSNumber; a Boolean's encoding is that of a C char or bool.
    private func isNumber(_ number: NSNumber) -> Bool { !["c", "B"].contains(String(cString: number.objCType)) }

    /// The body of `POST /api/auth/tokens`.
    func newToken(now: Date = Date()) throws -> (name: String, scopes: Set<APIScope>, until: Date) {
        guard let name = try text("name"), name.hasVisibleCharacter, name.keepsItsLine, name.count <= 100 else {
            throw APIError.wrong("name", "A name of at most 100 characters is needed")
        }
        let known = APIScope.allCases.map(\.rawValue).joined(separator: ", ")
        guard let words = self["scopes"] as? [Any], !words.isEmpty, words.count <= APIScope.allCases.count else {
            throw APIError.wrong("scopes", "scopes must be a list of some of \(known)")
        }
        let scopes = try words.map { word in
            guard let scope = (word as? String).flatMap(APIScope.init(rawValue:)) else {
                throw APIError.wrong("scopes", "scopes must be of \(known)")
            }
            return scope
        }
        let days = try number("days", in: 1...366) ?? 90
        return (name, Set(scopes), now.addingTimeInterval(Double(days) * 86_400))
    }
}
