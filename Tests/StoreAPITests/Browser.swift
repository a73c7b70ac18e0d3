import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

/// A client that keeps cookies, as a browser's page does. For one task at a time.
final class Browser {
    /// An installation that keeps accounts.
    static let accounts = ["AUTH_MODE": "accounts", "AUTH_KEYS": "k1:\(Data(repeating: 7, count: 32).base64EncodedString())"]

    private let client: any TestClientProtocol
    private(set) var cookies: [String: String] = [:]
    private(set) var antiForgery: String?

    init(_ client: any TestClientProtocol) { self.client = client }

    func copy() -> Browser {
        let copy = Browser(client)
        copy.cookies = cookies
        copy.antiForgery = antiForgery
        return copy
    }

    /// The account's id.
    @discardableResult func signUp(_ email: String, password: String = "correct horse") async throws -> String {
        let answer = try await send(.post, "/api/auth/sign-up", ["email": email, "password": password])
        try #require(answer.status == .created)
        return try #require((answer.object["user"] as? [String: Any])?["id"] as? String)
    }

    func signIn(_ email: String, password: String = "correct horse") async throws {
        let answer = try await send(.post, "/api/auth/sign-in", ["email": email, "password": password])
        try #require(answer.status == .ok)
    }

    /// How many stores a list has.
    func listed(_ path: String) async throws -> Int? {
        let answer = try await send(.get, path)
        return (answer.object["stores"] as? [Any])?.count
    }

    func send(_ method: HTTPRequest.Method, _ path: String, _ body: [String: Any]? = nil, headers: HTTPFields = [:]) async throws
        -> TestResponse
    {
        try await send(method, path, body, headers: headers, antiForgery: antiForgery)
    }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: [String: Any]? = nil,
        headers more: HTTPFields = [:],
        antiForgery: String?
    ) async throws -> TestResponse {
        var headers = more
        if !cookies.isEmpty { headers[.cookie] = cookies.map { "\($0)=\($1)" }.joined(separator: "; ") }
        headers[.init("X-CSRF-Token")!] = antiForgery
        var bytes: ByteBuffer?
        if let body {
            headers[.contentType] = "application/json"
            bytes = ByteBuffer(bytes: try JSONSerialization.data(withJSONObject: body))
        }
        let answer = try await client.executeRequest(uri: path, method: method, headers: headers, body: bytes)
        for cookie in answer.headers[values: .setCookie] {
            let pair = cookie.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = pair[1].isEmpty ? nil : String(pair[1])
        }
        if let token = answer.object["csrfToken"] as? String { self.antiForgery = token }
        return answer
    }
}
