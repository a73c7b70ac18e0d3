import ArgumentParser

/// What was asked for cannot be: there is no such thing, or it is not in that state.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// How commands end, for scripts to tell apart. Wrong usage is 64, ArgumentParser's own.
enum Outcome {
    /// A server does not answer, a setting is wrong.
    static let failed = ExitCode(1)
    /// A `Refusal`.
    static let refused = ExitCode(2)
    /// `doctor` or `fsck` found something.
    static let findings = ExitCode(3)
}
