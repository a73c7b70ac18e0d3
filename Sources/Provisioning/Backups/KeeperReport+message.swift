import Cluster
import StoreDomain

extension KeeperReport {
    /// Of a termination message, which is somebody else's text. `nil` for anything but a report.
    init?(message: String, of kind: KeeperTask.Kind) {
        guard message.utf8.count <= 16 << 10, let json = try? JSON(data: .init(message.utf8)) else { return nil }
        if let code = json["error"].string {
            let text = json["message"].string ?? "The task failed."
            self = .failed(BackupFailure(code: code.plain(atMost: 40), message: text.plain(atMost: 1_000)))
            return
        }
        switch kind {
        case .backup:
            guard let snapshot = json["snapshot"].string, Self.isSnapshot(snapshot), let database = json.count("databaseBytes"),
                database > 0
            else { return nil }
            let files = json["files"].string ?? ""
            guard files.isEmpty || Self.isSnapshot(files) else { return nil }
            self = .kept(
                BackupContents(
                    snapshot: snapshot,
                    files: files.isEmpty ? nil : files,
                    databaseBytes: database,
                    fileBytes: json.count("fileBytes") ?? 0,
                    addedBytes: json.count("addedBytes") ?? 0,
                    products: json.count("products").map(Int.init) ?? 0,
                    orders: json.count("orders").map(Int.init) ?? 0,
                    productsAfter: json.count("productsAfter").map(Int.init),
                    ordersAfter: json.count("ordersAfter").map(Int.init)
                )
            )
        case .restore, .load, .count:
            let mark = [.restore: "restored", .load: "imported"][kind, default: "counted"]
            guard json[mark].bool == true, let products = json.count("products"),
                let orders = json.count("orders")
            else { return nil }
            self =
                kind == .count
                ? .counted(products: Int(products), orders: Int(orders)) : .loaded(products: Int(products), orders: Int(orders))
        case .export:
            guard json["exported"].bool == true, let bytes = json.count("bytes"), let sha256 = json["sha256"].string,
                let contents = ArchiveContents(bytes: bytes, sha256: sha256)
            else { return nil }
            self = .exported(contents)
        case .prune:
            guard json["checked"].bool == true, json["pruned"].bool == true else { return nil }
            self = .done
        }
    }

    private static func isSnapshot(_ text: String) -> Bool { text.isHex(64) }
}

extension JSON {
    /// A whole number that is not negative.
    fileprivate func count(_ key: String) -> Int64? {
        guard case .integer(let value) = self[key], value >= 0 else { return nil }
        return value
    }
}
