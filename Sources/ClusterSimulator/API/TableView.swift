internal import Foundation

/// That a client wants a `Table`, and what each row is to carry.
struct TableOptions: Sendable {
    let version: String
    let includesWholeObject: Bool
    let includesNothing: Bool

    init?(_ request: APIRequest) {
        guard let wanted = request.accept.split(separator: ",").first, wanted.contains("as=Table") else { return nil }
        version = wanted.contains("v=v1beta1") ? "v1beta1" : "v1"
        includesWholeObject = request.query["includeObject"] == "Object"
        includesNothing = request.query["includeObject"] == "None"
    }
}

/// Objects as the rows that kubectl prints.
struct TableView {
    private let kind: Kind
    private let columns: [TableColumn]

    init(_ kind: Kind) {
        self.kind = kind
        columns = TableColumn.columns(of: kind)
    }

    func table(_ objects: [JSONValue], options: TableOptions, revision: Int) -> JSONValue {
        [
            "kind": "Table", "apiVersion": .string("meta.k8s.io/\(options.version)"),
            "metadata": ["resourceVersion": .string(String(revision))],
            "columnDefinitions": .array(
                columns.map { column in
                    [
                        "name": .string(column.title), "type": "string", "format": column.title == "Name" ? "name" : "",
                        "description": "", "priority": 0,
                    ]
                }
            ),
            "rows": .array(objects.map { row($0, options) }),
        ]
    }

    func event(_ event: Change.Event, _ object: JSONValue, options: TableOptions) -> JSONValue {
        let revision = Int(object.resourceVersion) ?? 0
        return ["type": .string(event.rawValue), "object": table([object], options: options, revision: revision)]
    }

    private func row(_ object: JSONValue, _ options: TableOptions) -> JSONValue {
        var row: JSONValue = ["cells": .array(columns.map { .string($0.cell(object)) })]
        if options.includesWholeObject {
            row["object"] = object
        } else if !options.includesNothing {
            row["object"] = [
                "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/\(options.version)"), "metadata": object.metadata,
            ]
        }
        return row
    }
}
