/// What one check of the doctor came to.
struct Finding {
    enum Grade: String {
        case fine = "ok"
        /// It works, but not as it should.
        case warning
        case error
        /// It could not be looked at, because of another finding.
        case skipped
    }

    /// A name that stays, for scripts.
    let check: String
    let grade: Grade
    /// What was seen.
    let message: String
    /// What to do about it.
    let remedy: String?

    static func fine(_ check: String, _ message: String) -> Finding { Finding(check: check, grade: .fine, message: message, remedy: nil) }

    static func warning(_ check: String, _ message: String, remedy: String) -> Finding {
        Finding(check: check, grade: .warning, message: message, remedy: remedy)
    }

    static func error(_ check: String, _ message: String, remedy: String) -> Finding {
        Finding(check: check, grade: .error, message: message, remedy: remedy)
    }

    static func skipped(_ check: String, because other: String) -> Finding {
        Finding(check: check, grade: .skipped, message: "not looked at: \(other)", remedy: nil)
    }
}

extension Table<Finding> {
    static var findings: Self {
        Table(columns: [
            .init("check", "CHECK") { .text($0.check) }, .init("grade", "GRADE") { .text($0.grade.rawValue) },
            .init("message", "FOUND") { .text($0.message) }, .init("remedy") { Value($0.remedy) },
        ])
    }
}
