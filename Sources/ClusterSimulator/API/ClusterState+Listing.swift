extension ClusterState {
    func scope(_ path: ResourcePath, _ request: APIRequest) throws(APIFailure) -> ListScope {
        var scope = ListScope(namespace: path.kind.isNamespaced ? path.namespace : nil)
        if let query = request.query["labelSelector"], !query.isEmpty { scope.labels = try LabelSelector(query: query) }
        if let query = request.query["fieldSelector"], !query.isEmpty { scope.fields = try FieldSelector(query: query) }
        if let name = path.name { scope.fields = try FieldSelector(query: "metadata.name=\(name)") }
        return scope
    }

    func listed(_ kind: Kind, _ items: [JSONValue], continuation: JSONValue = .null, remaining: Int? = nil) -> JSONValue {
        var list: JSONValue = [
            "kind": .string(kind.name + "List"), "apiVersion": .string(kind.apiVersion), "items": .array(items),
            "metadata": ["resourceVersion": .string(String(revision)), "continue": continuation],
        ]
        if let remaining { list.metadata["remainingItemCount"] = JSONValue(remaining) }
        return list
    }

    /// `limit` and `continue` page by position after the last name, over the present state (a real server pages over a snapshot).
    func list(_ path: ResourcePath, _ request: APIRequest) throws(APIFailure) -> APIResponse {
        let scope = try scope(path, request)
        var items = objects.list(path.kind, namespace: path.namespace).filter(scope.matches)
        if let token = request.query["continue"], !token.isEmpty {
            guard let bytes = Base64.decode(token) else { throw .badRequest("continue key is not valid") }
            let after = String(decoding: bytes, as: UTF8.self)
            items = items.filter { "\($0.namespace)/\($0.name)" > after }
        }
        var continuation: JSONValue = .null
        var remaining: Int?
        if let limit = request.query["limit"].flatMap({ Int($0) }), limit > 0, items.count > limit, let last = items.prefix(limit).last {
            continuation = .string(Base64.encode(Array("\(last.namespace)/\(last.name)".utf8)))
            remaining = items.count - limit
            items = Array(items.prefix(limit))
        }
        guard let options = TableOptions(request) else {
            return .json(listed(path.kind, items, continuation: continuation, remaining: remaining))
        }
        var table = TableView(path.kind).table(items, options: options, revision: revision)
        table.metadata["continue"] = continuation
        return .json(table)
    }

    /// Opens a watch: from a revision, or (0, none, or `sendInitialEvents`) beginning with what is there.
    func watch(_ path: ResourcePath, _ request: APIRequest) throws(APIFailure) -> APIResponse {
        let scope = try scope(path, request)
        let (stream, output) = AsyncStream<[UInt8]>.makeStream(bufferingPolicy: .bufferingOldest(Watch.backlog))
        let watch = Watch(kind: path.kind, scope: scope, table: TableOptions(request), output: output)
        let wantsInitial = request.isSet("sendInitialEvents")
        let given = request.query["resourceVersion"] ?? ""
        guard let from = given.isEmpty ? 0 : Int(given) else { throw .badRequest("Invalid value: \"\(given)\": resourceVersion") }
        if wantsInitial || from == 0 {
            for object in objects.list(path.kind, namespace: path.namespace) where scope.matches(object) {
                let key = ObjectKey(path.kind, object.namespace, object.name)
                let change = Change(event: .added, key: key, revision: revision, object: object, previous: nil)
                var line = WatchLine(change)
                _ = watch.deliver(change, line: &line)
            }
            if wantsInitial { _ = watch.bookmark(revision: revision, endsInitialEvents: true) }
        } else {
            do throws(APIFailure) {
                for change in try hub.changes(of: path.kind, after: from) {
                    var line = WatchLine(change)
                    _ = watch.deliver(change, line: &line)
                }
            } catch {
                // As the API server's watch cache does: the answer is 200, and its only event an error.
                _ = watch.send((["type": "ERROR", "object": error.status] as JSONValue).serialized())
                watch.end()
                return APIResponse(body: .stream(LineStream(lines: stream, output: output)))
            }
        }
        let timeout = request.query["timeoutSeconds"].flatMap { Int($0) }.map { Duration.seconds(max(1, $0)) }
        open(watch, timeout: timeout, wantsBookmarks: request.isSet("allowWatchBookmarks"))
        return APIResponse(body: .stream(LineStream(lines: stream, output: output)))
    }
}
