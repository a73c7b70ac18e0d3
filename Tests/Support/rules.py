"""What every rendering of both charts has to satisfy: a table of rules.

A rule yields complaints about a rendering. Beside it stands a way to spoil a good rendering that the rule must notice;
test_rules.py holds both: no complaint about any rendering, and a complaint about every spoilt one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from charts import Rendered, containers, pod_specs, quantity, store_file

PLATFORM_LABELS = {"app.kubernetes.io/part-of": "store-weaver", "app.kubernetes.io/managed-by": "Helm"}
SELECTOR = {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"}
# cert-manager's HTTP-01 solver with its default resources: it runs beside the store while a certificate is being issued.
# It says nothing of its disk: the LimitRange does.
SOLVER = {"requests.cpu": 0.01, "requests.memory": 64 * 2**20, "requests.ephemeral-storage": 16 * 2**20,
          "limits.cpu": 0.1, "limits.memory": 64 * 2**20, "limits.ephemeral-storage": 64 * 2**20}
# The pod of a backup or a restore, which the platform makes beside a store that runs: the containers database and keeper.
KEEPER = {"requests.cpu": 0.1, "requests.memory": 128 * 2**20, "requests.ephemeral-storage": 32 * 2**20,
          "limits.cpu": 0.75, "limits.memory": 768 * 2**20, "limits.ephemeral-storage": 384 * 2**20}
RESOURCES = ("cpu", "memory", "ephemeral-storage")
# What the kubelet keeps of a container's log, unless it is told otherwise: 5 files of 10 MiB, and one more while it changes to it.
LOGS = 60 * 2**20


@dataclass(frozen=True)
class Rule:
    name: str
    check: Callable[[Rendered], Iterator[str]]
    spoil: Callable[[Rendered], object]


RULES: list[Rule] = []


def rule(spoil):
    """Adds a rule to the table, with what spoils a rendering for it."""
    def add(check):
        RULES.append(Rule(check.__name__, check, spoil))
        return check
    return add


def label(it) -> str:
    return f"{it['kind']}/{it['metadata']['name']}"


def app(objects: Rendered):
    return objects.find("Deployment", objects.name(objects.chart.app))


def database(objects: Rendered):
    return objects.find("StatefulSet", objects.name(objects.chart.database))


def first(objects: Rendered) -> dict:
    return app(objects)["spec"]["template"]["spec"]


def policy(objects: Rendered, name: str):
    return objects.find("NetworkPolicy", name)["spec"]


# ---- names and labels ----------------------------------------------------------------------------------------------------


@rule(spoil=lambda o: o.remove(o.find("ResourceQuota")))
def has_the_objects_clients_look_for(o):
    there = {label(it) for it in o}
    yield from (f"{name} is missing" for name in map(o.name, o.chart.names) if name not in there)


@rule(spoil=lambda o: app(o)["metadata"].update(namespace="default"))
def stays_in_its_namespace(o):
    yield from (label(it) for it in o if it["metadata"].get("namespace") != "store-acme")


@rule(spoil=lambda o: o.append({"kind": "ClusterRole", "metadata": {"name": "x"}}))
def has_nothing_of_the_cluster_or_secret(o):
    allowed = {"Deployment", "StatefulSet", "Service", "Ingress", "NetworkPolicy", "ResourceQuota", "LimitRange", "ConfigMap",
               "PersistentVolumeClaim", "Pod"}
    yield from (label(it) for it in o if it["kind"] not in allowed)


@rule(spoil=lambda o: app(o)["metadata"]["labels"].pop("app.kubernetes.io/component"))
def labels_every_object(o):
    for it in o:
        labels = it["metadata"].get("labels", {})
        expected = {**PLATFORM_LABELS, "app.kubernetes.io/instance": o.store_id, "store-weaver.dev/store-id": o.store_id,
                    "store-weaver.dev/engine": o.chart.engine}
        yield from (f"{label(it)}: {key}" for key, value in expected.items() if labels.get(key) != value)
        yield from (f"{label(it)}: no {key}" for key in SELECTOR if key not in labels)
        yield from (f"{label(it)}: {key} is not text" for key, value in labels.items() if not isinstance(value, str))


@rule(spoil=lambda o: app(o)["spec"]["template"]["metadata"]["labels"].update({"app.kubernetes.io/component": "web"}))
def names_the_components(o):
    expected = {label(app(o)): "app", label(database(o)): "database"}
    for it, metadata, _ in pod_specs(o):
        component = metadata["labels"]["app.kubernetes.io/component"]
        if component != expected.get(label(it), component) or component != it["metadata"]["labels"]["app.kubernetes.io/component"]:
            yield f"{label(it)}: {component}"


@rule(spoil=lambda o: database(o)["spec"]["selector"]["matchLabels"].update({"app.kubernetes.io/version": "1"}))
def selectors_never_change(o):
    for it in o.of("Deployment", "StatefulSet"):
        selector = it["spec"]["selector"]["matchLabels"]
        if set(selector) != SELECTOR:
            yield f"{label(it)}: selects by {sorted(selector)}"
        if not selector.items() <= it["spec"]["template"]["metadata"]["labels"].items():
            yield f"{label(it)}: selects none of its pods"


@rule(spoil=lambda o: app(o)["spec"]["template"]["metadata"]["labels"].update({"helm.sh/chart": "store-1.0.0"}))
def a_new_chart_version_alone_restarts_nothing(o):
    for it, metadata, _ in pod_specs(o):
        if it["kind"] != "Pod":
            yield from (f"{label(it)}: {key}" for key in ("helm.sh/chart", "app.kubernetes.io/version") if key in metadata["labels"])


@rule(spoil=lambda o: database(o)["spec"].update(volumeClaimTemplates=[{}]))
def has_no_immutable_volume_claims(o):
    yield from (label(it) for it in o.of("StatefulSet") if "volumeClaimTemplates" in it["spec"])


@rule(spoil=lambda o: o.of("Service")[0]["metadata"].update(name="0-medusa"))
def names_are_valid(o):
    for it in o:
        name = it["metadata"]["name"]
        if len(name) > 63 or name != name.lower() or (it["kind"] == "Service" and not name[0].isalpha()):
            yield label(it)


@rule(spoil=lambda o: app(o)["metadata"]["annotations"].clear())
def says_which_engine_runs(o):
    text = app(o)["metadata"].get("annotations", {}).get("store-weaver.dev/engine-version", "")
    if not text.startswith({"woocommerce": "WooCommerce ", "medusa": "Medusa "}[o.chart.engine]):
        yield repr(text)


@rule(spoil=lambda o: app(o)["metadata"]["annotations"].update({"store-weaver.dev/store-name": "b"}))
def keeps_the_store_name_as_it_is(o):
    text = app(o)["metadata"]["annotations"]["store-weaver.dev/store-name"]
    if text != o.inputs["storeName"]:
        yield repr(text)


@rule(spoil=lambda o: app(o)["metadata"]["annotations"].update({"store-weaver.dev/sample-products": "7"}))
def says_how_many_products_a_new_store_has(o):
    said = app(o)["metadata"]["annotations"].get("store-weaver.dev/sample-products")
    if said != str(len(store_file(o)["sampleProducts"])):
        yield repr(said)


@rule(spoil=lambda o: app(o)["metadata"]["annotations"].pop("store-weaver.dev/admin-session"))
def says_that_its_image_signs_the_administrator_in(o):
    said = app(o)["metadata"]["annotations"].get("store-weaver.dev/admin-session")
    if said != "true":
        yield repr(said)


# ---- secrets and volumes -------------------------------------------------------------------------------------------------


def secret_uses(objects: Rendered):
    for it, _, spec in pod_specs(objects):
        for volume in spec.get("volumes", []):
            sources = [volume["secret"]] if "secret" in volume else []
            sources += [s["secret"] for s in volume.get("projected", {}).get("sources", []) if "secret" in s]
            for source in sources:
                yield it, source.get("secretName") or source["name"], {item["key"] for item in source.get("items", [])}


@rule(spoil=lambda o: next(v for v in first(o)["volumes"] if v["name"] == "admin")["secret"]["items"].pop())
def mounts_exactly_the_keys_the_worker_makes(o):
    used = {}
    for _, name, keys in secret_uses(o):
        used.setdefault(name, set()).update(keys)
    expected = {o.name(name): keys for name, keys in o.chart.secrets.items()}
    if used != expected:
        yield f"{used} instead of {expected}"


@rule(spoil=lambda o: first(o)["containers"][0]["env"].append({"name": "A", "valueFrom": {"secretKeyRef": {}}}))
def passes_no_secret_by_environment_or_argument(o):
    for it, _, spec in pod_specs(o):
        for c in containers(spec):
            for variable in c.get("env", []):
                if "valueFrom" in variable or ("PASSWORD" in variable["name"] and not variable["name"].endswith("_FILE")):
                    yield f"{label(it)}/{c['name']}: {variable['name']}"
            if "envFrom" in c:
                yield f"{label(it)}/{c['name']}: envFrom"


@rule(spoil=lambda o: first(o)["containers"][0]["volumeMounts"].append({"name": "admin", "mountPath": "/run/secrets/admin"}))
def only_setup_sees_the_administrator(o):
    for it, _, spec in pod_specs(o):
        for c in containers(spec):
            if c["name"] != "setup" and any(m["name"] == "admin" for m in c.get("volumeMounts", [])):
                yield f"{label(it)}/{c['name']}"


@rule(spoil=lambda o: o.of("PersistentVolumeClaim")[0]["metadata"]["annotations"].clear())
def keeps_volumes_on_uninstall(o):
    for it in o.of("PersistentVolumeClaim"):
        if it["metadata"].get("annotations", {}).get("helm.sh/resource-policy") != "keep":
            yield label(it)


@rule(spoil=lambda o: o.remove(o.of("PersistentVolumeClaim")[0]))
def has_every_volume_it_mounts(o):
    claims = {it["metadata"]["name"] for it in o.of("PersistentVolumeClaim")}
    used = {v["persistentVolumeClaim"]["claimName"] for _, _, s in pod_specs(o) for v in s.get("volumes", []) if "persistentVolumeClaim" in v}
    if claims != used:
        yield f"claims {claims}, mounted {used}"
    for it, _, spec in pod_specs(o):
        known = {v["name"] for v in spec.get("volumes", [])}
        for c in containers(spec):
            yield from (f"{label(it)}: {m['name']}" for m in c.get("volumeMounts", []) if m["name"] not in known)


# ---- pods ----------------------------------------------------------------------------------------------------------------


@rule(spoil=lambda o: first(o)["securityContext"].update(runAsNonRoot=False))
def pods_are_restricted(o):
    for it, _, spec in pod_specs(o):
        context = spec.get("securityContext", {})
        if not (context.get("runAsNonRoot") and context.get("runAsUser", 0) > 0 and context.get("fsGroup", 0) > 0
                and context.get("seccompProfile", {}).get("type") == "RuntimeDefault"):
            yield label(it)
        if any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")) or any("hostPath" in v for v in spec.get("volumes", [])):
            yield f"{label(it)}: uses the host"


@rule(spoil=lambda o: first(o)["initContainers"][0]["securityContext"].update(readOnlyRootFilesystem=False))
def containers_are_restricted(o):
    for it, _, spec in pod_specs(o):
        for c in containers(spec):
            context = c.get("securityContext", {})
            if (context.get("allowPrivilegeEscalation") is not False or not context.get("readOnlyRootFilesystem")
                    or context.get("capabilities") != {"drop": ["ALL"]} or context.get("privileged")):
                yield f"{label(it)}/{c['name']}"


@rule(spoil=lambda o: first(o).update(automountServiceAccountToken=True))
def pods_have_no_token_and_no_service_variables(o):
    for it, _, spec in pod_specs(o):
        yield from (f"{label(it)}: {key}" for key in ("automountServiceAccountToken", "enableServiceLinks") if spec.get(key) is not False)


@rule(spoil=lambda o: first(o)["initContainers"][0].pop("resources"))
def every_container_has_requests_and_limits(o):
    for it, _, spec in pod_specs(o):
        for c in containers(spec):
            resources = c.get("resources", {})
            for what in RESOURCES:
                request, limit = (resources.get(key, {}).get(what) for key in ("requests", "limits"))
                if request is None or limit is None or quantity(request) > quantity(limit):
                    yield f"{label(it)}/{c['name']}: {what}"


def on_disk(volume: dict) -> bool:
    return "emptyDir" in volume and volume["emptyDir"].get("medium") != "Memory"


@rule(spoil=lambda o: next(v for v in first(o)["volumes"] if on_disk(v))["emptyDir"].update(sizeLimit="64Gi"))
def temporary_files_and_logs_fit_the_disk_that_a_pod_may_take(o):
    """What a pod has on its node's disk is held to its containers' limits together, each emptyDir to its own besides."""
    for it, _, spec in pod_specs(o):
        volumes = [v for v in spec.get("volumes", []) if on_disk(v)]
        yield from (f"{label(it)}: {v['name']} has no sizeLimit" for v in spec.get("volumes", [])
                    if "emptyDir" in v and "sizeLimit" not in v["emptyDir"])
        most = sum(quantity(c["resources"]["limits"].get("ephemeral-storage", 0)) for c in spec["containers"])
        least = sum(quantity(v["emptyDir"].get("sizeLimit", 0)) for v in volumes) + LOGS * len(spec["containers"])
        if least > most:
            yield f"{label(it)}: {least / 2**20:.0f} MiB of files and logs, {most / 2**20:.0f} MiB allowed"


@rule(spoil=lambda o: first(o)["containers"][0].pop("readinessProbe"))
def long_running_containers_have_probes(o):
    for it in o.of("Deployment", "StatefulSet"):
        for c in it["spec"]["template"]["spec"]["containers"]:
            if "ports" in c:
                yield from (f"{label(it)}/{c['name']}: no {p}" for p in ("startupProbe", "readinessProbe", "livenessProbe") if p not in c)
                # Each second between two questions is one of every outage.
                if c.get("startupProbe", {}).get("periodSeconds") != 1:
                    yield f"{label(it)}/{c['name']}: is not asked every second while it starts"


@rule(spoil=lambda o: first(o)["containers"][0].update(livenessProbe={"httpGet": {"path": "/-/ready", "port": "http"}}))
def liveness_does_not_ask_the_database(o):
    for it in o.of("Deployment", "StatefulSet"):
        for c in it["spec"]["template"]["spec"]["containers"]:
            probe = c.get("livenessProbe", {"tcpSocket": {}})
            if "tcpSocket" not in probe and probe.get("httpGet", {}).get("path") != "/-/live":
                yield f"{label(it)}/{c['name']}"


ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def surges(it) -> bool:
    """Whether two of its pods run while it is replaced."""
    return it["kind"] == "Deployment" and it["spec"].get("strategy") == ROLLING


@rule(spoil=lambda o: database(o)["spec"].update(replicas=2))
def never_runs_two_of_one_with_a_volume(o):
    """But for the app, whose successor starts beside it on the same node, where the volume is not for one pod alone."""
    for it in o.of("Deployment", "StatefulSet"):
        if it["spec"]["replicas"] > 1 or (it["kind"] == "Deployment" and it["spec"].get("strategy") != strategy(it, o)):
            yield label(it)


def strategy(it, objects: Rendered) -> dict:
    modes = {mode for name in claims(it) for mode in objects.find("PersistentVolumeClaim", name)["spec"]["accessModes"]}
    return ROLLING if not modes or (it == app(objects) and "ReadWriteOncePod" not in modes) else {"type": "Recreate"}


def claims(workload) -> list:
    volumes = workload["spec"]["template"]["spec"].get("volumes", [])
    return [it["persistentVolumeClaim"]["claimName"] for it in volumes if "persistentVolumeClaim" in it]


@rule(spoil=lambda o: app(o)["spec"]["template"]["spec"].pop("affinity"))
def keeps_two_apps_on_the_node_that_has_the_volume(o):
    """Each volume is ReadWriteOnce unless a value says otherwise: a second pod elsewhere would wait for it for ever."""
    it = app(o)
    together = {"topologyKey": "kubernetes.io/hostname", "labelSelector": it["spec"]["selector"]}
    found = it["spec"]["template"]["spec"].get("affinity", {}).get("podAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", [])
    if found != [together]:
        yield label(it)


def away(objects: Rendered) -> str | None:
    """Why the store serves nobody."""
    return next((it for it in ("asleep", "closed", "shut") if objects.inputs.get(it)), None)


def turn_over(workload):
    workload["spec"].update(replicas=1 - workload["spec"]["replicas"])


@rule(spoil=lambda o: turn_over(database(o)))
def runs_unless_it_is_away(o):
    """Of one that is closed the database runs, of one that is shut all of it."""
    for it in o.of("Deployment", "StatefulSet"):
        if it["spec"]["replicas"] != int(away(o) in (None, "shut") or (away(o) == "closed" and it == database(o))):
            yield label(it)


@rule(spoil=lambda o: first(o)["containers"][0].update(image="mysql:latest"))
def images_are_pinned(o):
    for it, _, spec in pod_specs(o):
        for c in containers(spec):
            name = c["image"].rsplit("/", 1)[-1]
            if ("@sha256:" not in name and ":" not in name) or name.endswith(":latest"):
                yield f"{label(it)}: {c['image']}"


@rule(spoil=lambda o: first(o)["initContainers"].clear())
def sets_itself_up_before_it_serves(o):
    if "setup" not in [c["name"] for c in first(o).get("initContainers", [])]:
        yield "no init container setup"
    for it in o:
        hook = it["metadata"].get("annotations", {}).get("helm.sh/hook")
        if hook not in (None, "test"):
            yield f"{label(it)}: hook {hook} can deadlock with --wait"


@rule(spoil=lambda o: o.of("Service")[0]["spec"]["ports"][0].pop("protocol"))
def every_port_names_its_protocol(o):
    for it in o.of("Service"):
        yield from (label(it) for p in it["spec"]["ports"] if p.get("protocol") != "TCP")
    for it, _, spec in pod_specs(o):
        yield from (label(it) for c in containers(spec) for p in c.get("ports", []) if p.get("protocol") != "TCP")
    for it in o.of("NetworkPolicy"):
        for side in ("ingress", "egress"):
            yield from (label(it) for r in it["spec"].get(side, []) for p in r.get("ports", []) if "protocol" not in p)


# ---- services and the way in ---------------------------------------------------------------------------------------------


@rule(spoil=lambda o: o.of("Service")[0]["spec"]["selector"].update({"app.kubernetes.io/component": "nobody"}))
def services_reach_their_pods(o):
    for it in o.of("Service"):
        pods = [s for _, m, s in pod_specs(o) if it["spec"]["selector"].items() <= m["labels"].items()]
        ports = {p["name"] for s in pods for c in s["containers"] for p in c.get("ports", [])}
        if len(pods) != 1 or it["spec"]["ports"][0]["targetPort"] not in ports or it["spec"]["type"] != "ClusterIP":
            yield label(it)


@rule(spoil=lambda o: next(it for it in o.of("Service") if of_data(it))["spec"].pop("publishNotReadyAddresses"))
def data_is_reached_as_soon_as_it_listens(o):
    yield from (label(it) for it in o.of("Service") if it["spec"].get("publishNotReadyAddresses", False) != of_data(it))


def of_data(service) -> bool:
    return service["metadata"]["labels"]["app.kubernetes.io/component"] in ("database", "cache")


@rule(spoil=lambda o: o.find("Ingress")["spec"]["rules"][0]["http"]["paths"][-1]["backend"]["service"].update(name="gone"))
def ingress_leads_to_services(o):
    it = o.find("Ingress", o.name(o.chart.ingress))
    services = {s["metadata"]["name"]: {p["name"] for p in s["spec"]["ports"]} for s in o.of("Service")}
    for r in it["spec"]["rules"]:
        if r["host"] != o.inputs["host"]:
            yield f"host {r['host']}"
        paths = [(p["path"], p["pathType"]) for p in r["http"]["paths"]]
        whole = paths[-1] == ("/", "Prefix") and len(set(paths)) == len(paths)
        if not (paths == [(f"/-/{away(o)}", "Exact")] if away(o) else whole):
            yield f"paths {paths}"
        for p in r["http"]["paths"]:
            backend = p["backend"]["service"]
            if backend["port"]["name"] not in services.get(backend["name"], ()):
                yield f"{p['path']} leads to {backend}"


def toggle_tls(objects: Rendered):
    spec = objects.find("Ingress")["spec"]
    if not spec.pop("tls", None):
        spec["tls"] = [{"hosts": ["other"], "secretName": "x"}]


@rule(spoil=toggle_tls)
def ends_tls_when_asked(o):
    it = o.find("Ingress")
    tls = it["spec"].get("tls")
    if o.tls != bool(tls) or (tls and tls != [{"hosts": [o.inputs["host"]], "secretName": "store-tls"}]):
        yield str(tls)
    issuer = it["metadata"].get("annotations", {}).get("cert-manager.io/cluster-issuer")
    if issuer and not o.tls:
        yield f"issuer {issuer} without TLS"
    if o.tls and o.inputs["environment"] == "prod" and issuer != "letsencrypt-prod":
        yield f"issuer {issuer}"


# ---- quota ---------------------------------------------------------------------------------------------------------------


def demand(objects: Rendered) -> dict:
    """What all pods ask for at once, the test pod, the keeper, the certificate's solver and the second pod of what is replaced without a gap
    included, as the quota counts it: a pod counts with the larger of its containers' sum and its largest init container."""
    total = {key: SOLVER[key] + KEEPER[key] for key in SOLVER}
    for it, _, spec in pod_specs(objects):
        for side in ("requests", "limits"):
            for what in RESOURCES:
                ask = [quantity(c["resources"][side][what]) for c in spec["containers"]]
                start = [quantity(c["resources"][side][what]) for c in spec.get("initContainers", [])]
                total[f"{side}.{what}"] += (2 if surges(it) else 1) * (max(sum(ask), *start, 0) if start else sum(ask))
    return total


@rule(spoil=lambda o: o.find("ResourceQuota")["spec"]["hard"].update({"limits.memory": "1Gi"}))
def quota_has_room_for_all_pods_at_once(o):
    hard = o.find("ResourceQuota", "store-quota")["spec"]["hard"]
    for key, value in demand(o).items():
        if value > quantity(hard[key]):
            yield f"{key}: {value} of {hard[key]}"
    pods = sum(2 if surges(it) else 1 for it, _, _ in pod_specs(o)) + len((SOLVER, KEEPER))
    if pods > int(hard["pods"]):
        yield f"pods: {pods} of {hard['pods']}"
    if int(hard["count/jobs.batch"]) < 1:
        yield "jobs"
    if len(o.of("Service")) + 1 > int(hard["services"]):
        yield "services"


@rule(spoil=lambda o: o.find("ResourceQuota")["spec"]["hard"].update({"limits.memory": "64Gi"}))
def quota_is_not_twice_the_demand(o):
    hard = o.find("ResourceQuota")["spec"]["hard"]
    for key in ("limits.cpu", "limits.memory", "limits.ephemeral-storage"):
        # The stores without a storefront may leave more room: measured with everything on.
        if quantity(hard[key]) > 2.5 * demand(o)[key]:
            yield f"{key}: {hard[key]}"


@rule(spoil=lambda o: o.of("PersistentVolumeClaim")[0]["spec"]["resources"]["requests"].update(storage="900Gi"))
def quota_has_room_for_the_volumes_and_no_more(o):
    hard = o.find("ResourceQuota")["spec"]["hard"]
    claims = o.of("PersistentVolumeClaim")
    total = sum(quantity(c["spec"]["resources"]["requests"]["storage"]) for c in claims)
    if len(claims) != int(hard["persistentvolumeclaims"]) or total != quantity(hard["requests.storage"]):
        yield f"{len(claims)} volumes with {total} bytes; quota {hard}"


@rule(spoil=lambda o: o.find("ResourceQuota")["spec"]["hard"].update({"services.nodeports": "7"}))
def quota_lets_the_certificate_solver_in_and_nothing_else(o):
    hard = o.find("ResourceQuota")["spec"]["hard"]
    if hard["services.loadbalancers"] != "0" or hard["services.nodeports"] != ("1" if o.tls else "0"):
        yield str(hard)


@rule(spoil=lambda o: o.find("LimitRange")["spec"]["limits"][0]["max"].update(memory="100Mi"))
def limit_range_fits(o):
    limits = {it["type"]: it for it in o.find("LimitRange")["spec"]["limits"]}
    largest = limits["Container"]["max"]
    for it, _, spec in pod_specs(o):
        for c in containers(spec):
            yield from (f"{label(it)}/{c['name']}: {what}" for what in RESOURCES
                        if quantity(c["resources"]["limits"][what]) > quantity(largest[what]))
    for claim in o.of("PersistentVolumeClaim"):
        if quantity(claim["spec"]["resources"]["requests"]["storage"]) > quantity(limits["PersistentVolumeClaim"]["max"]["storage"]):
            yield label(claim)


# ---- network -------------------------------------------------------------------------------------------------------------


@rule(spoil=lambda o: o.remove(o.find("NetworkPolicy", "default-deny")))
def denies_by_default(o):
    if not any(it["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} for it in o.of("NetworkPolicy")):
        yield "no policy denies everything"


def selects(selector: dict, labels: dict) -> bool:
    return (selector.get("matchLabels", {}).items() <= labels.items()
            and all(labels.get(it["key"]) in it["values"] for it in selector.get("matchExpressions", []) if it["operator"] == "In"))


def admits(objects: Rendered, target: dict, port: int, source: Callable[[dict], bool]) -> bool:
    """Whether a policy for pods with the labels `target` admits `port` from a peer that `source` recognises."""
    for it in objects.of("NetworkPolicy"):
        spec = it["spec"]
        if not selects(spec["podSelector"], target):
            continue
        for r in spec.get("ingress", []):
            if any(p["port"] == port for p in r["ports"]) and any(map(source, r["from"])):
                return True
    return False


def of_component(name: str) -> Callable[[dict], bool]:
    return lambda peer: peer.get("podSelector", {}).get("matchLabels", {}).get("app.kubernetes.io/component") == name


def pods_of(objects: Rendered, component: str) -> dict:
    return next(m["labels"] for _, m, _ in pod_specs(objects) if m["labels"]["app.kubernetes.io/component"] == component)


@rule(spoil=lambda o: policy(o, "app")["ingress"][0]["from"].pop())
def the_ingress_controller_and_the_test_reach_the_store(o):
    target, port = pods_of(o, "app"), o.chart.app_port
    if not admits(o, target, port, lambda p: "namespaceSelector" in p and "podSelector" not in p):
        yield "ingress controller"
    if not admits(o, target, port, of_component("test")):
        yield "test pod"


@rule(spoil=lambda o: policy(o, "node-access")["ingress"][0]["from"].pop())
def the_service_proxy_reaches_the_store_from_each_node(o):
    components = {m["labels"]["app.kubernetes.io/component"] for _, m, _ in pod_specs(o)} & {"app", "storefront"}
    for component in components:
        port = o.chart.app_port if component == "app" else 8080
        for cidr in o.inputs["networkPolicy"]["nodeCidrs"]:
            if not admits(o, pods_of(o, component), port, lambda p, cidr=cidr: p.get("ipBlock") == {"cidr": cidr}):
                yield f"{component} from {cidr}"


@rule(spoil=lambda o: policy(o, "app")["ingress"][0]["from"].append({"ipBlock": {"cidr": "10.0.0.0/8"}}))
def no_address_gets_in_but_a_nodes(o):
    nodes = [{"ipBlock": {"cidr": cidr}} for cidr in o.inputs["networkPolicy"]["nodeCidrs"]]
    for it in o.of("NetworkPolicy"):
        for r in it["spec"].get("ingress", []):
            if not r.get("from"):
                yield f"{label(it)}: everybody"
            yield from (f"{label(it)}: {peer}" for peer in r.get("from", []) if "ipBlock" in peer and peer not in nodes)


@rule(spoil=lambda o: policy(o, "database")["ingress"][0]["from"].append({"podSelector": {}}))
def only_the_app_reaches_the_data(o):
    for it in o.of("NetworkPolicy"):
        component = it["spec"]["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/component")
        if component in ("database", "cache"):
            yield from (f"{label(it)}: {peer}" for r in it["spec"]["ingress"] for peer in r["from"] if not of_component("app")(peer))
    ports = {"woocommerce": {"database": 3306}, "medusa": {"database": 5432, "cache": 6379}}[o.chart.engine]
    for component, port in ports.items():
        if not admits(o, pods_of(o, component), port, of_component("app")):
            yield f"the app does not reach {component}"


@rule(spoil=lambda o: policy(o, "app")["egress"].clear())
def the_app_gets_out_to_its_data_and_dns_alone(o):
    egress = policy(o, "app")["egress"]
    ports = {p["port"] for r in egress for p in r["ports"]}
    if ports != {"woocommerce": {3306, 53}, "medusa": {5432, 6379, 53}}[o.chart.engine]:
        yield str(ports)
    if any("ipBlock" in peer for r in egress for peer in r["to"]):
        yield "it gets out of the cluster"


@rule(spoil=lambda o: [it["spec"]["podSelector"]["matchLabels"].update({"app.kubernetes.io/instance": "other"})
                       for it in o.of("NetworkPolicy") if it["metadata"]["name"] == "app"])
def policies_select_pods_that_exist(o):
    labels = [m["labels"] for _, m, _ in pod_specs(o)]
    for it in o.of("NetworkPolicy"):
        if it["metadata"]["name"] != "acme-solver" and not any(selects(it["spec"]["podSelector"], have) for have in labels):
            yield label(it)


def toggle_solver(objects: Rendered):
    for it in objects.of("NetworkPolicy"):
        if it["metadata"]["name"] == "acme-solver":
            objects.remove(it)
            return
    objects.append({"kind": "NetworkPolicy", "metadata": {"name": "acme-solver"}, "spec": {}})


@rule(spoil=toggle_solver)
def the_certificate_solver_is_reachable(o):
    there = any(it["metadata"]["name"] == "acme-solver" for it in o.of("NetworkPolicy"))
    issued = "cert-manager.io/cluster-issuer" in o.find("Ingress")["metadata"].get("annotations", {})
    if there != issued:
        yield f"policy {there}, certificate {issued}"


# ---- helm test -----------------------------------------------------------------------------------------------------------


@rule(spoil=lambda o: o.remove(o.find("Pod")))
def helm_test_checks_the_store(o):
    tests = [it for it in o.of("Pod") if it["metadata"].get("annotations", {}).get("helm.sh/hook") == "test"]
    if len(tests) != 1:
        yield f"{len(tests)} test pods"
    for it in tests:
        if "activeDeadlineSeconds" not in it["spec"] or it["spec"].get("restartPolicy") != "Never":
            yield "a test that may hang"
        asked = "store-check" in [word for c in it["spec"]["containers"] for word in c.get("command", []) + c.get("args", [])]
        if asked == bool(away(o)):
            yield "a test that asks a store that is away, or does not ask one that serves"
