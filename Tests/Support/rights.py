"""Kubernetes' roles: what a set of rules allows."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Ask:
    """A verb on a resource (with its subresource, as rules name it) of a group; `name` where one object is meant."""

    verb: str
    group: str
    resource: str
    name: str = ""


def allows(rules: list, ask: Ask) -> bool:
    return any(
        ask.group in rule.get("apiGroups", []) and ask.resource in rule.get("resources", []) and ask.verb in rule["verbs"]
        and ("resourceNames" not in rule or ask.name in rule["resourceNames"])
        for rule in rules
    )


def grants(rules: list) -> set[Ask]:
    """Everything that the rules allow, one by one."""
    return {Ask(verb, group, resource, name) for rule in rules for verb in rule["verbs"] for group in rule.get("apiGroups", [])
            for resource in rule.get("resources", []) for name in rule.get("resourceNames", [""])}


def ask_of(method: str, path: str, query: dict) -> tuple[Ask, str]:
    """What Kubernetes makes of a request below /api or /apis, and the namespace, which is empty for the whole cluster."""
    parts = path.strip("/").split("/")
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    resource, name, sub = rest[0], rest[1] if len(rest) > 1 else "", rest[2] if len(rest) > 2 else ""
    watches = query.get("watch") in ("true", "1")
    verb = {"GET": "watch" if watches else "get" if name else "list", "POST": "create", "PUT": "update", "PATCH": "patch",
            "DELETE": "delete" if name else "deletecollection"}[method]
    return Ask(verb, group, f"{resource}/{sub}" if sub else resource), namespace
