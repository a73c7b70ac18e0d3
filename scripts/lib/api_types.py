"""Writes the dashboard's API types from the OpenAPI document; with --check, only compares.

usage: api_types.py [--check] openapi.yaml schema.ts
"""

import pathlib
import sys

import yaml

HEAD = "// Made from the OpenAPI document by scripts/dashboard --types; the tests compare the two. Change the document instead.\n"


def indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def type_of(schema: dict) -> str:
    """A schema as a TypeScript type."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[1]
    if "allOf" in schema:
        parts = [type_of(part) for part in schema["allOf"]]
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        # `required` alone makes fields of the parts required; they may be described there as optional.
        names = [name for name in rest.get("required", []) if name not in rest.get("properties", {})]
        if "properties" in rest:
            parts.append(object_type(rest))
        whole = " & ".join(parts)
        return f"{whole} & Required<Pick<{' & '.join(type_of(part) for part in schema['allOf'])}, {union(names)}>>" if known(names, schema) else whole
    if "enum" in schema:
        return union(schema["enum"])
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        return " | ".join(type_of(schema | {"type": one}) for one in kind)
    match kind:
        case "integer" | "number":
            return "number"
        case "string" | "boolean" | "null":
            return kind
        case "array":
            item = type_of(schema.get("items", {}))
            return f"({item})[]" if " " in item and not item.startswith("{") else f"{item}[]"
    return object_type(schema)


def union(values: list) -> str:
    return " | ".join("null" if value is None else f"'{value}'" for value in values)


def known(names: list, schema: dict) -> bool:
    """Whether the parts describe all these fields as optional ones; fields that they do not know are left alone."""
    fields: dict = {}
    for part in schema["allOf"]:
        target = DOCUMENT["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
        fields |= target.get("properties", {})
    return bool(names) and all(name in fields for name in names)


def object_type(schema: dict) -> str:
    properties = schema.get("properties")
    required = schema.get("required", [])
    if not properties:
        extra = schema.get("additionalProperties")
        value = type_of(extra) if isinstance(extra, dict) else "unknown"
        return f"Record<{union(required) if required else 'string'}, {value}>"
    lines = []
    for name, value in properties.items():
        if "description" in value:
            lines.append(f"  /** {value['description']} */")
        lines.append(f"  {name}{'' if name in required else '?'}: {indented(type_of(value))};")
    return "{\n" + "\n".join(lines) + "\n}"


def resolved(response: dict) -> dict:
    return DOCUMENT["components"]["responses"][response["$ref"].rsplit("/", 1)[1]] if "$ref" in response else response


def generated() -> str:
    lines = [HEAD]
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if "description" in schema:
            lines.append(f"/** {schema['description']} */")
        lines.append(f"export type {name} = {type_of(schema)};\n")
    answers, routes = [], []
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            if method == "parameters" or not path.startswith("/api/"):
                continue
            name = operation["operationId"]
            routes.append(f"  {name}: ['{method.upper()}', '{path}'],")
            for status, response in operation["responses"].items():
                content = resolved(response).get("content", {}).get("application/json")
                if status.startswith("2") and content:
                    answers.append(f"  {name}: {indented(type_of(content['schema']))};")
                    break
    lines.append("/** What each operation answers. */\nexport interface Answers {\n" + "\n".join(answers) + "\n}\n")
    lines.append("export const routes = {\n" + "\n".join(routes) + "\n} as const;\n")
    return "\n".join(lines)


arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
if len(arguments) != 2:
    sys.exit(__doc__)
DOCUMENT = yaml.safe_load(pathlib.Path(arguments[0]).read_text())
target = pathlib.Path(arguments[1])
if "--check" not in sys.argv:
    target.write_text(generated())
elif not target.exists() or target.read_text() != generated():
    sys.exit("The dashboard's API types are not what the OpenAPI document says: run scripts/dashboard --types")
