import Program

/// In which form a client wants the answer, by its `Accept` header.
enum AcceptedForm: Sendable {
    case html
    case json

    /// JSON for who names `application/json` and does not prefer `text/html`; a page for everybody else, wildcards included.
    init(accept: String?) { self = AcceptHeader(accept).prefers("application/json", to: "text/html") ? .json : .html }
}
