/// What is kept sealed: which key opens it, and what it opens, in base64.
package struct SealedText: Sendable, Equatable {
    package let key: String
    package let text: String

    package init(key: String, text: String) {
        self.key = key
        self.text = text
    }
}
