import AsyncHTTPClient
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import JobDispatch
import Logging
import NIOCore
import NIOHTTP1
import Observability
import StoreDomain
import StoreRecords

/// Stores as files, for their owners to take away. What is in such a file is worth as much as the store's credentials, so whoever may see those
/// may have it.
struct ExportRoutes: Sendable {
    let records: StoreRecords
    let jobs: JobEnqueuer
    /// `nil`: nothing is exported.
    let archives: ArchiveClient?
    let creation: StoreCreation

    func add(to table: inout RouteTable) {
        table.on(.post, "/api/stores/:id/export", for: .revealCredentials, take)
        table.on(.get, "/api/stores/:id/exports", for: .readStores, list)
        table.on(.get, "/api/stores/:id/exports/:export", for: .revealCredentials, show)
        table.on(.get, "/api/exports/:token", for: .open, fetch)
    }

    @Sendable private func take(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await context.store(records, as: .owner)
        let body = try await ExportRequest(request)
        try await creation.requireKeepers()
        _ = try archives.required()
        let outcome = try await records.requestExport(
            of: store.id,
            backup: body.backup,
            visibleTo: context.visibleTo,
            traceparent: TraceContext.current?.traceparent,
            by: context.operator
        )
        guard case .accepted(let store, let export, let descriptor) = outcome else { throw refusal(outcome) }
        context.note(descriptor)
        await jobs.enqueue(descriptor)
        var response = Response.json(status: .accepted) { json in json.object("export") { $0.fields(of: export) } }
        response.headers.add(.location, "/api/stores/\(store.id)/exports/\(export.id)")
        return response
    }

    @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let exports = try await records.exports(of: try await context.store(records).id)
        return .json(capacity: 2_048) { json in json.array("exports", exports) { json, export in json.object { $0.fields(of: export) } } }
    }

    /// Of one that is done with a new link.
    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let store = try await context.store(records)
        guard let id = context.parameters.get("export").flatMap({ ArchiveID($0) }), let export = try await records.export(id, of: store.id)
        else { throw APIError(.notFound, "Export not found", code: "export-not-found") }
        var link: String?
        if export.status == .done, archives != nil, request.method == .get {
            let token = SecretToken.random(.export)
            if try await records.makeLink(to: id, hash: token.secretHash, visibleTo: context.visibleTo, by: context.operator) {
                link = "/api/exports/\(token.text)"
            }
        }
        return .json { json in json.object("export") { $0.fields(of: export, link: link) } }
    }

    /// A link is all that is asked for. It may be asked again for the rest until it was fetched whole, or an hour after its first use.
    @Sendable private func fetch(_ request: Request, _ context: APIContext) async throws -> Response {
        let archives = try archives.required()
        guard let token = context.parameters.get("token").flatMap({ SecretToken($0, kind: .export) }) else { throw APIError.noSuchLink }
        let link = try await records.useLink(token.secretHash, looks: request.method == .head, address: context.address?.description)
        let (export, store): (Export, Store)
        switch link {
        case .open(let found, let of): (export, store) = (found, of)
        case .gone: throw APIError(.gone, "The link was used, or its time is over: ask for another one", code: "link-used")
        case .notFound: throw APIError.noSuchLink
        }
        guard let contents = export.contents else { throw APIError.noSuchLink }
        let tag = "\"\(contents.sha256)\""
        // RFC 9110, 13.1.5: of another file the range would be no continuation.
        let isSame = request.headers[.ifRange].map { $0 == tag } ?? true
        let answer: HTTPClientResponse
        do { answer = try await archives.fetch(export.id, range: isSame ? request.headers[.range] : nil) } catch let error
            as ArchiveClient.Failure
        {
            context.logger.warning("An export cannot be read", metadata: ["store": "\(store.id)", "error": "\(error)"])
            throw APIError.archiveAway
        }
        return try response(to: answer, export, contents, of: store, by: token.secretHash, tag, context)
    }

    private func response(
        to answer: HTTPClientResponse,
        _ export: Export,
        _ contents: ArchiveContents,
        of store: Store,
        by link: String,
        _ tag: String,
        _ context: APIContext
    ) throws -> Response {
        let date = export.createdAt.formatted(.iso8601.year().month().day())
        var headers: HTTPFields = [
            .contentType: "application/x-tar", .acceptRanges: "bytes", .eTag: tag,
            .contentDisposition: "attachment; filename=\"\(store.namespace.slug)-\(date).tar\"",
        ]
        let range = answer.headers.first(name: "content-range")
        headers[.contentRange] = range
        if answer.status == .rangeNotSatisfiable { return Response(status: .rangeNotSatisfiable, headers: headers) }
        guard answer.status == .ok || answer.status == .partialContent, answer.headers.first(name: "etag") == tag,
            let length = answer.headers.first(name: "content-length").flatMap({ Int($0) })
        else {
            context.logger.warning("An export cannot be read", metadata: ["store": "\(store.id)", "status": "\(answer.status.code)"])
            throw APIError.archiveAway
        }
        let begin = range.flatMap { $0.split(whereSeparator: { " -".contains($0) }).dropFirst().first }.flatMap { Int64($0) } ?? 0
        // The response's own task is cancelled when the client has left.
        @Sendable func note(_ end: Int64) async throws {
            try await Task { [records] in try await records.noteFetched(link, begin..<end) }.value
        }
        let body = ResponseBody(contentLength: length) { writer in
            var end = begin
            do {
                for try await part in answer.body {
                    try await writer.write(part)
                    end += Int64(part.readableBytes)
                }
                try await writer.finish(nil)
            } catch {
                // Whoever comes back for the rest goes on from here.
                try? await note(end)
                throw error
            }
            try await note(end)
        }
        return Response(status: answer.status == .ok ? .ok : .partialContent, headers: headers, body: body)
    }

    private func refusal(_ outcome: ExportOutcome) -> APIError {
        switch outcome {
        case .accepted(let store, _, _), .notReady(let store): APIError(.conflict, store.backupRefusal, code: "not-ready")
        case .running:
            APIError(.conflict, "A backup or an export of the store is running: wait for it", code: "backup-running")
        case .tooMany:
            APIError(
                .tooManyRequests,
                "\(StoreRecords.exportsPerDay) exports of the store were asked for within 24 hours: ask again later",
                code: "too-many-exports"
            )
        case .noBackup: APIError(.badRequest, "The store has no such backup", code: "backup-not-found", field: "backup")
        case .notDone: APIError.backupNotDone("backup")
        case .notFound: APIError.storeNotFound
        }
    }
}

extension APIError {
    fileprivate static let noSuchLink = APIError(.notFound, "No such link", code: "link-not-found")
    fileprivate static let archiveAway = APIError(
        .serviceUnavailable,
        "The archive cannot be read right now. Please try again.",
        code: "archive-unavailable",
        retryAfter: 5
    )
}
