"""What every rendering of helm/platform has to satisfy. Rules that the stores' charts have too are taken from there; the others stand
here, each with what spoils a rendering for it."""

import ipaddress

import rules as stores
from charts import Rendered, containers, pod_specs
from platform_chart import NAMESPACE
from rules import Rule, label

RULES: list[Rule] = []
# Those that write PostgreSQL, and so bring its schema up to date first.
WRITERS = ("api", "worker")
PROGRAMS = (*WRITERS, "gate")


def rule(spoil):
    def add(check):
        RULES.append(Rule(check.__name__, check, spoil))
        return check
    return add


def of_component(o: Rendered, kind: str, component: str):
    return next(it for it in o.of(kind) if it["metadata"]["labels"]["app.kubernetes.io/component"] == component)


def program(o: Rendered, component: str) -> dict:
    return of_component(o, "Deployment", component)["spec"]["template"]["spec"]


def programs(o: Rendered) -> list[str]:
    """Those that this rendering has: the gate can be left out."""
    return [it for it in PROGRAMS if any(d["metadata"]["labels"]["app.kubernetes.io/component"] == it for d in o.of("Deployment"))]


def first(o: Rendered) -> dict:
    return program(o, "worker")


def taken(name: str, spoil) -> None:
    """A rule of the stores' charts, with a spoiling that fits this chart."""
    RULES.append(Rule(name, getattr(stores, name), spoil))


taken("selectors_never_change", lambda o: o.of("Deployment")[0]["spec"]["selector"]["matchLabels"].update({"app.kubernetes.io/version": "1"}))
taken("a_new_chart_version_alone_restarts_nothing", lambda o: o.of("Deployment")[0]["spec"]["template"]["metadata"]["labels"].update({"helm.sh/chart": "x"}))
taken("has_no_immutable_volume_claims", lambda o: o.append({"kind": "StatefulSet", "metadata": {"name": "x"}, "spec": {"volumeClaimTemplates": [{}]}}))
taken("names_are_valid", lambda o: o.of("Service")[0]["metadata"].update(name="0-api"))
taken("keeps_volumes_on_uninstall", lambda o: o.append({"kind": "PersistentVolumeClaim", "metadata": {"name": "x"}}))
taken("has_every_volume_it_mounts", lambda o: first(o)["containers"][0]["volumeMounts"].append({"name": "gone", "mountPath": "/x"}))
taken("pods_are_restricted", lambda o: first(o)["securityContext"].update(runAsNonRoot=False))
taken("containers_are_restricted", lambda o: first(o)["initContainers"][0]["securityContext"].update(readOnlyRootFilesystem=False))
taken("every_container_has_requests_and_limits", lambda o: first(o)["initContainers"][0].pop("resources"))
taken("temporary_files_and_logs_fit_the_disk_that_a_pod_may_take",
      lambda o: next(v for v in first(o)["volumes"] if v["name"] == "tmp")["emptyDir"].pop("sizeLimit"))
taken("long_running_containers_have_probes", lambda o: program(o, "api")["containers"][0].pop("readinessProbe"))
taken("images_are_pinned", lambda o: first(o)["containers"][0].update(image="store-worker:latest"))
taken("every_port_names_its_protocol", lambda o: o.of("Service")[0]["spec"]["ports"][0].pop("protocol"))
taken("services_reach_their_pods", lambda o: o.of("Service")[0]["spec"]["selector"].update({"app.kubernetes.io/component": "nobody"}))


@rule(spoil=lambda o: o.of("Deployment")[0]["metadata"].update(namespace="default"))
def stays_in_its_namespace_but_for_roles_and_policies(o):
    wide = {"ClusterRole", "ClusterRoleBinding", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
    for it in o:
        if it["metadata"].get("namespace") != (None if it["kind"] in wide else NAMESPACE):
            yield label(it)
        if not it["metadata"]["name"].startswith(o.inputs["release"][:40]):
            yield f"{label(it)}: not named after the release"


@rule(spoil=lambda o: o.of("Service")[0]["metadata"]["labels"].update({"app.kubernetes.io/managed-by": "store-weaver"}))
def is_labelled_and_not_taken_for_a_store(o):
    """Workers take what is labelled store-weaver, or has a store's id, for theirs."""
    for it in o:
        labels = it["metadata"].get("labels", {})
        if labels.get("app.kubernetes.io/managed-by") != "Helm" or labels.get("app.kubernetes.io/part-of") != "store-weaver":
            yield label(it)
        yield from (f"{label(it)}: {key}" for key in labels if key.startswith("store-weaver.dev/"))


@rule(spoil=lambda o: program(o, "api").update(automountServiceAccountToken=True))
def the_workers_alone_have_an_account(o):
    for it, metadata, spec in pod_specs(o):
        is_worker = metadata["labels"]["app.kubernetes.io/component"] == "worker"
        if spec.get("automountServiceAccountToken") is not is_worker or ("serviceAccountName" in spec) is not is_worker:
            yield label(it)
        if spec.get("enableServiceLinks") is not False:
            yield f"{label(it)}: service variables"
    if any(it["automountServiceAccountToken"] is not False for it in o.of("ServiceAccount")):
        yield "an account that is mounted by default"


@rule(spoil=lambda o: o.append({"kind": "Secret", "metadata": {"name": "x"}}))
def makes_no_secret(o):
    yield from (label(it) for it in o.of("Secret"))


@rule(spoil=lambda o: first(o)["containers"][0]["env"].append({"name": "DATABASE_URL", "value": "x"}))
def passes_no_secret_by_environment(o):
    for it, _, spec in pod_specs(o):
        for c in containers(spec):
            for variable in c.get("env", []):
                secret = any(word in variable["name"] for word in ("PASSWORD", "TOKEN", "DATABASE_URL", "REDIS_URL", "_KEY")) and not variable["name"].endswith("_FILE")
                if secret or "secretKeyRef" in variable.get("valueFrom", {}):
                    yield f"{label(it)}/{c['name']}: {variable['name']}"
            if "envFrom" in c:
                yield f"{label(it)}/{c['name']}: envFrom"


@rule(spoil=lambda o: of_component(o, "Deployment", "api")["spec"]["template"]["spec"]["initContainers"].clear())
def the_schema_is_there_before_the_programs(o):
    for component in WRITERS:
        spec = program(o, component)
        steps = [c["command"][:2] for c in spec.get("initContainers", [])]
        if steps != [["storectl", "migrate"]]:
            yield f"{component}: {steps}"
        elif spec["initContainers"][0]["image"] != spec["containers"][0]["image"]:
            yield f"{component}: migrates by another image"


@rule(spoil=lambda o: o[0]["metadata"].setdefault("annotations", {}).update({"helm.sh/hook": "pre-install"}))
def has_no_hook_but_the_test(o):
    hooks = {label(it): it for it in o if "helm.sh/hook" in it["metadata"].get("annotations", {})}
    tests = [it for it in hooks.values() if it["metadata"]["annotations"]["helm.sh/hook"] == "test"]
    yield from (name for name, it in hooks.items() if it not in tests)
    if [("activeDeadlineSeconds" in it["spec"], it["spec"]["restartPolicy"]) for it in tests] != [(True, "Never")]:
        yield f"tests that may hang, or none: {tests}"


def environment(spec: dict) -> dict:
    return {it["name"]: it.get("value") for it in spec["containers"][0]["env"]}


@rule(spoil=lambda o: program(o, "api")["containers"][0]["livenessProbe"].update(httpGet={"path": "/readyz", "port": "http"}))
def liveness_asks_the_process_alone(o):
    """A database that is away restarts nothing."""
    for component in programs(o):
        container = program(o, component)["containers"][0]
        if container["livenessProbe"].get("httpGet", {}).get("path") != "/livez":
            yield component
        ports = {it["name"]: it["containerPort"] for it in container["ports"]}
        if str(ports.get("operator")) != environment(program(o, component)).get("OPERATOR_PORT"):
            yield f"{component}: the operator's port is not the one that is set"


@rule(spoil=lambda o: first(o).update(terminationGracePeriodSeconds=30))
def the_grace_is_longer_than_the_drain(o):
    spec = first(o)
    told = environment(spec)
    # LEASE_KILL_SECONDS and LEASE_TAKEOVER_SECONDS as docs/settings.md has them, unless they are set.
    needed = int(told["DRAIN_SECONDS"]) + int(told.get("LEASE_KILL_SECONDS", 10)) + int(told.get("LEASE_TAKEOVER_SECONDS", 2)) + 10
    if spec["terminationGracePeriodSeconds"] < needed:
        yield f"{spec['terminationGracePeriodSeconds']} s, needed {needed} s"


@rule(spoil=lambda o: next(e for e in first(o)["containers"][0]["env"] if e["name"] == "WORKER_SERVICE_ACCOUNT").update(value="a/b"))
def workers_know_the_role_and_the_account_that_are_there(o):
    told = environment(first(o))
    if told.get("WORKER_CLUSTER_ROLE") not in [it["metadata"]["name"] for it in o.of("ClusterRole")]:
        yield f"role {told.get('WORKER_CLUSTER_ROLE')}"
    accounts = [f"{it['metadata']['namespace']}/{it['metadata']['name']}" for it in o.of("ServiceAccount")]
    if accounts != [told.get("WORKER_SERVICE_ACCOUNT")] or not accounts[0].endswith("/" + first(o)["serviceAccountName"]):
        yield f"account {told.get('WORKER_SERVICE_ACCOUNT')} of {accounts}"


@rule(spoil=lambda o: program(o, "api").pop("topologySpreadConstraints"))
def programs_spread_and_are_not_all_taken_at_once(o):
    for component in programs(o):
        deployment = of_component(o, "Deployment", component)
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        spread = {it["topologyKey"] for it in deployment["spec"]["template"]["spec"].get("topologySpreadConstraints", [])}
        if spread != {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}:
            yield f"{component}: spread over {spread}"
        if deployment["spec"]["strategy"]["rollingUpdate"] != {"maxUnavailable": 0, "maxSurge": 1}:
            yield f"{component}: {deployment['spec']['strategy']}"
        budget = of_component(o, "PodDisruptionBudget", component)["spec"]
        if budget["maxUnavailable"] != 1 or budget["selector"]["matchLabels"].items() - labels.items():
            yield f"{component}: {budget}"


@rule(spoil=lambda o: of_component(o, "Deployment", "worker")["spec"].update(replicas=None) if o.of("HorizontalPodAutoscaler")
      else of_component(o, "Deployment", "worker")["spec"].pop("replicas"))
def either_the_chart_or_the_autoscaler_counts(o):
    scaled = {it["spec"]["scaleTargetRef"]["name"] for it in o.of("HorizontalPodAutoscaler")}
    for it in o.of("Deployment"):
        if ("replicas" in it["spec"]) is (it["metadata"]["name"] in scaled):
            yield label(it)
    for it in o.of("HorizontalPodAutoscaler"):
        if it["spec"]["minReplicas"] > it["spec"]["maxReplicas"]:
            yield label(it)


@rule(spoil=lambda o: o.remove(next(it for it in o.of("NetworkPolicy") if it["metadata"]["name"].endswith("-default-deny"))))
def denies_by_default(o):
    for it, metadata, _ in pod_specs(o):
        if not any(p["spec"]["policyTypes"] == ["Ingress", "Egress"] and not p["spec"].get("ingress") and not p["spec"].get("egress")
                   and p["spec"]["podSelector"]["matchLabels"].items() <= metadata["labels"].items() for p in o.of("NetworkPolicy")):
            yield label(it)


def reaches(o: Rendered, component: str) -> set:
    """Ports that the component's pods may connect to."""
    labels = next(m["labels"] for _, m, _ in pod_specs(o) if m["labels"]["app.kubernetes.io/component"] == component)
    return {p["port"] for it in o.of("NetworkPolicy") if it["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
            for r in it["spec"].get("egress", []) for p in r["ports"]}


@rule(spoil=lambda o: of_component(o, "NetworkPolicy", "api")["spec"]["egress"].append({"ports": [{"port": 443, "protocol": "TCP"}]}))
def programs_get_out_to_their_data_dns_and_workers_to_the_cluster(o):
    postgres, redis = (r["ports"][0]["port"] for r in of_component(o, "NetworkPolicy", "api")["spec"]["egress"][1:3])
    data = {postgres, redis}
    vault = {3000} if has(o, "vault") else set()
    if reaches(o, "api") != data | vault | {53}:
        yield f"api: {reaches(o, 'api')}"
    if reaches(o, "worker") != data | vault | {53, 443, 6443} | {80, 8000}:
        yield f"worker: {reaches(o, 'worker')}"
    if "gate" in programs(o) and reaches(o, "gate") != {postgres, 53}:
        yield f"gate: {reaches(o, 'gate')}"
    for it in o.of("NetworkPolicy"):
        for r in it["spec"].get("egress", []):
            if not r.get("to"):
                yield f"{label(it)}: to anywhere"


@rule(spoil=lambda o: of_component(o, "NetworkPolicy", "worker")["spec"]["egress"][-1]["to"].append({"ipBlock": {"cidr": "10.0.0.0/8"}}))
def ways_out_lead_to_addresses_that_were_named(o):
    """The API server's and the internet's for workers alone, and those of servers elsewhere. The courier's have a rule of their own."""
    internet = [("0.0.0.0/0", True), ("2000::/3", False)]
    bucket = o.inputs.get("vault", {}).get("s3", {}).get("cidrs", [])
    servers = [it for name in ("postgres", "redis") for it in o.inputs.get(name, {}).get("external", {}).get("cidrs", [])]
    for it in o.of("NetworkPolicy"):
        if it["metadata"]["name"].endswith("-courier"):
            continue
        named = bucket if it["metadata"]["name"].endswith("-vault") else servers + (o.inputs["networkPolicy"]["apiServer"]["cidrs"] if it["metadata"]["name"].endswith("-worker") else [])
        blocks = [peer["ipBlock"] for r in it["spec"].get("egress", []) for peer in r["to"] if "ipBlock" in peer]
        if it["metadata"]["name"].endswith("-worker"):
            blocks = [block for block in blocks if (block["cidr"], "except" in block) not in internet]
        peers = [block["cidr"] for block in blocks]
        yield from (f"{label(it)}: {cidr}" for cidr in peers if cidr not in named)


def let_anyone_in(o: Rendered):
    of_component(o, "NetworkPolicy", "api")["spec"]["ingress"].append({"from": [{"podSelector": {}}], "ports": [{"port": 3000, "protocol": "TCP"}]})


@rule(spoil=let_anyone_in)
def the_ingress_controller_alone_reaches_api_and_gate_and_nobody_the_workers(o):
    for component in programs(o):
        doors = of_component(o, "NetworkPolicy", component)["spec"].get("ingress", [])
        peers = [peer for r in doors for peer in r["from"]]
        others = [peer for peer in peers if peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/component") != "test"]
        if component == "worker" and peers or component != "worker" and [set(peer) for peer in others] != [{"namespaceSelector"}]:
            yield f"{component}: {peers}"


@rule(spoil=lambda o: of_component(o, "Ingress", "api")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"].update(name="gone"))
def each_ingress_leads_to_its_program(o):
    ports = {s["metadata"]["name"]: [p["name"] for p in s["spec"]["ports"]] for s in o.of("Service")}
    for it in o.of("Ingress"):
        backend = it["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
        component = it["metadata"]["labels"]["app.kubernetes.io/component"]
        if backend["port"]["name"] not in ports.get(backend["name"], []) or not backend["name"].endswith(f"-{component}"):
            yield f"{label(it)}: {backend}"
        hosts = [host for tls in it["spec"].get("tls", []) for host in tls["hosts"]]
        if hosts not in ([], [it["spec"]["rules"][0].get("host")]):
            yield f"{label(it)}: certificate for {hosts}"


@rule(spoil=lambda o: of_component(o, "Ingress", "gate")["metadata"]["annotations"].update({"traefik.ingress.kubernetes.io/router.priority": "100"}))
def the_gate_comes_after_everybody_else(o):
    """Without a host and with Traefik's lowest priority: a rule that takes a store's requests from it would close the store."""
    for it in o.of("Ingress"):
        if (it["metadata"]["labels"]["app.kubernetes.io/component"] == "gate") is not all("host" not in rule for rule in it["spec"]["rules"]):
            yield f"{label(it)}: hosts"
    if "gate" in programs(o):
        it = of_component(o, "Ingress", "gate")
        if it["metadata"]["annotations"].get("traefik.ingress.kubernetes.io/router.priority") != "1" or "tls" in it["spec"]:
            yield f"{label(it)}: {it['metadata']['annotations']}"


@rule(spoil=lambda o: program(o, "gate")["volumes"][0]["projected"]["sources"][0]["secret"]["items"].append({"key": "redis-url", "path": "redis-url"}))
def the_gate_has_no_secret_but_the_address_of_postgresql(o):
    if "gate" in programs(o):
        paths = [item["path"] for it in program(o, "gate")["volumes"] for source in it["projected"]["sources"] for item in source["secret"]["items"]]
        if paths != ["database-url"]:
            yield str(paths)


def let_the_courier_in_the_cluster(o: Rendered):
    if has(o, "courier"):
        of_component(o, "NetworkPolicy", "courier")["spec"]["egress"][-1]["to"][0]["ipBlock"]["except"].remove("10.0.0.0/8")
    else:
        of_component(o, "NetworkPolicy", "api")["metadata"]["labels"]["app.kubernetes.io/component"] = "courier"


@rule(spoil=let_the_courier_in_the_cluster)
def the_courier_gets_out_to_public_addresses_and_its_database_alone(o):
    if not has(o, "courier"):
        yield from (label(it) for it in o.of("NetworkPolicy") if it["metadata"]["labels"]["app.kubernetes.io/component"] == "courier")
        return
    policy = of_component(o, "NetworkPolicy", "courier")["spec"]
    settings = o.inputs.get("settings", {})
    allowed = [it.strip() for it in settings.get("WEBHOOK_ALLOWED_NETWORKS", "").split(",") if it.strip()]
    *data, public = policy["egress"]
    blocks = [peer["ipBlock"] for peer in public["to"]]
    if [it["cidr"] for it in blocks] != ["0.0.0.0/0", "2000::/3", *allowed]:
        yield str(blocks)
    closed = [ipaddress.ip_network(net) for it in blocks for net in it.get("except", [])]
    inner = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "2001:db8::/32", "2002::/16"]
    for net in map(ipaddress.ip_network, inner + [it.strip() for it in settings.get("WEBHOOK_REFUSED_NETWORKS", "").split(",") if it.strip()]):
        if not any(net.version == it.version and net.subnet_of(it) for it in closed):
            yield f"{net} is open"
    wanted = of_component(o, "NetworkPolicy", "api")["spec"]["egress"][:2]
    mail = {"starttls": 587, "tls": 465, "none": 25}[settings.get("SMTP_TLS", "starttls")] if "SMTP_HOST" in settings else None
    if [port["port"] for port in public["ports"]] != [80, 443, *([mail] if mail else []), 1024]:
        yield str(public["ports"])
    if mail and (cidrs := o.inputs.get("courier", {}).get("mailServerCidrs")):
        wanted = [*wanted, {"to": [{"ipBlock": {"cidr": it}} for it in cidrs], "ports": [{"port": mail, "protocol": "TCP"}]}]
    if data != wanted or policy.get("ingress"):
        yield str(policy)
    paths = [item["path"] for it in program(o, "courier")["volumes"] for source in it["projected"]["sources"] for item in source["secret"]["items"]]
    if sorted(paths) != ["channel-keys", "database-url", *(["smtp-password"] if mail else [])]:
        yield str(paths)


def has(o: Rendered, component: str) -> bool:
    return any(it["metadata"]["labels"]["app.kubernetes.io/component"] == component for it in o.of("Deployment"))


def let_apps_at_backups(o: Rendered):
    of_component(o, "NetworkPolicy", "vault")["spec"]["ingress"][0]["from"][0].pop("podSelector")


@rule(spoil=let_apps_at_backups)
def stores_keepers_workers_and_the_api_alone_reach_the_vault(o):
    if has(o, "vault"):
        keepers, *programs = of_component(o, "NetworkPolicy", "vault")["spec"]["ingress"][0]["from"]
        if keepers != {"namespaceSelector": {"matchLabels": {"app.kubernetes.io/managed-by": "store-weaver"}},
                       "podSelector": {"matchLabels": {"app.kubernetes.io/component": "keeper"}}}:
            yield str(keepers)
        named = [it["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for it in programs]
        if named != ["worker", "api"] + ["platform-backup"] * bool(platform_tasks(o)) or any("namespaceSelector" in it for it in programs):
            yield str(programs)


def platform_tasks(o: Rendered) -> dict:
    """The pods that save the platform's own database, load it, and remove old backups of it."""
    return {it["metadata"]["name"].split("-platform-")[1]: it["spec"]["jobTemplate"]["spec"]["template"]["spec"]
            for it in o.of("CronJob") if it["metadata"]["labels"]["app.kubernetes.io/component"] == "platform-backup"}


@rule(spoil=lambda o: next(iter(platform_tasks(o).values()))["containers"][0]["volumeMounts"].append({"name": "secrets", "mountPath": "/x"}))
def what_saves_the_platform_has_no_key_of_the_vault_and_only_its_own_address(o):
    for task, spec in platform_tasks(o).items():
        seen = {it["name"]: {mount["name"] for mount in it["volumeMounts"]} & {"secrets", "keeper", "database"} for it in spec["initContainers"] + spec["containers"]}
        files = {item["path"] for it in spec["volumes"] for source in it.get("projected", {}).get("sources", []) for item in source["secret"]["items"]}
        data = task != "prune"
        wanted = {"keys": {"secrets", "keeper"} | ({"database"} if data else set()), "prepare": set(), "keeper": {"keeper"}, **({"database": {"database"}} if data else {})}
        if seen != wanted or files != {"vault-keys", "platform-backup-password"} | ({"database-url"} if data else set()):
            yield f"{task}: {seen}, {files}"
        if any(it["emptyDir"].get("medium") != "Memory" for it in spec["volumes"] if it["name"] in ("keeper", "database")):
            yield f"{task}: secrets on a disk"
    if platform_tasks(o) and reaches(o, "platform-backup") != {3000, 53, of_component(o, "NetworkPolicy", "api")["spec"]["egress"][1]["ports"][0]["port"]}:
        yield f"{reaches(o, 'platform-backup')}"


@rule(spoil=lambda o: program(o, "vault")["volumes"][0]["projected"]["sources"][0]["secret"]["items"].append({"key": "database-url", "path": "database-url"}))
def the_vault_knows_its_keys_and_nothing_of_stores_and_its_storage_has_no_key_of_stores(o):
    if has(o, "vault"):
        spec = program(o, "vault")
        paths = [item["path"] for it in spec["volumes"] for source in it.get("projected", {}).get("sources", []) for item in source["secret"]["items"]]
        storage = [it["name"] for it in spec["containers"][1]["volumeMounts"]]
        if paths != ["vault-keys", "archive-keys"] or "secrets" in storage or not any("127.0.0.1:8001" in word for word in spec["containers"][1]["command"]):
            yield f"{paths}, {storage}"


@rule(spoil=lambda o: o.of("StatefulSet")[-1]["spec"]["template"]["spec"]["containers"][0]["args"].remove("noeviction")
      if o.of("StatefulSet") else o.append({"kind": "StatefulSet", "metadata": {"name": "weaver-redis"}, "spec": {}}))
def a_bundled_redis_forgets_nothing(o):
    for it in o.of("StatefulSet"):
        if it["metadata"]["name"].endswith("-redis"):
            args = it["spec"].get("template", {}).get("spec", {}).get("containers", [{"args": []}])[0]["args"]
            given = dict(zip(args[::2], args[1::2], strict=False))
            if given.get("--maxmemory-policy") != "noeviction" or given.get("--appendonly") != "yes":
                yield str(args)
