package import NIOCore
package import StoreRecords

/// The answer to a list of stores.
package enum StorePageJSON {
    /// `stores`: rows where they lie in PostgreSQL's answer.
    package static func write(_ stores: [StoreRowView], next: StoreCursor?) throws -> ByteBuffer {
        var json = JSONWriter(capacity: 900 * (stores.count + 1))
        try json.object { json in
            try json.array("stores", stores) { json, store in
                let store = copy store
                try json.object { try $0.fields(of: store) }
            }
            if let next { json.field("nextCursor", next.text) }
        }
        return json.buffer
    }
}
