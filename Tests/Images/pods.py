"""Runs the containers of a chart's pods as the chart says: user, environment, mounts, read-only root, no capabilities."""

import contextlib
import os
import pathlib
import secrets
import tempfile

from containers import Container


class Pod:
    """A pod of a rendered workload. `folder` holds its volumes; `secret(name, key)` answers a Secret's text."""

    def __init__(self, objects, workload: dict, folder: pathlib.Path, secret, image: str):
        self.objects, self.folder, self.secret, self.image = objects, folder, secret, image
        self.spec = workload["spec"]["template"]["spec"]
        self.user = self.spec["securityContext"]

    def container(self, name: str) -> dict:
        return next(c for c in self.spec.get("initContainers", []) + self.spec["containers"] if c["name"] == name)

    def start(self, name: str, *, network: Container | str | None = None, command=None, environment=None, options=()) -> Container:
        """Runs a container of the pod; all Services of the chart are on the loopback of `network`. `options`: further ones of podman."""
        it = self.container(name)
        context = it["securityContext"]
        options = [*options, "--user", f"{self.user['runAsUser']}:{self.user['runAsGroup']}", "--group-add", str(self.user["fsGroup"])]
        options += ["--read-only", "--read-only-tmpfs=false"] if context["readOnlyRootFilesystem"] else []
        options += [f"--cap-drop={name}" for name in context["capabilities"]["drop"]]
        options += [] if context["allowPrivilegeEscalation"] else ["--security-opt", "no-new-privileges"]
        for variable in it.get("env", []):
            # What Kubernetes fills in, such as the pod's name, is the variable's own name here.
            value = variable.get("value", variable["name"])
            options += ["--env", f"{variable['name']}={(environment or {}).get(variable['name'], value)}"]
        hosts = self.folder / "hosts"
        hosts.write_text("127.0.0.1 localhost " + " ".join(it["metadata"]["name"] for it in self.objects.of("Service")) + "\n")
        options += ["--volume", f"{hosts}:/etc/hosts:ro"]
        for mount in it["volumeMounts"]:
            options += self.mount(mount)
        words = [*(it.get("command") or []), *(it.get("args") or [])] if command is None else command
        return Container(self.image, *words, options=options, network=network)

    def mount(self, mount: dict) -> list:
        volume = next(v for v in self.spec["volumes"] if v["name"] == mount["name"])
        target = mount["mountPath"]
        # An empty directory is each container's own here, so that two that are started of one pod do not meet.
        source = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) if "emptyDir" in volume else self.folder / volume["name"]
        if "emptyDir" in volume or not source.exists():
            source.mkdir(parents=True, exist_ok=True)
            self.fill(source, volume)
            os.chown(source, 0, self.user["fsGroup"])
            source.chmod(0o2777 if "emptyDir" in volume else 0o2775)
        return ["--volume", f"{source}:{target}:{'ro' if mount.get('readOnly') else 'rw'}"]

    def fill(self, folder: pathlib.Path, volume: dict) -> None:
        """Files as the kubelet writes them: the group's to read, nobody else's."""
        if "configMap" in volume:
            files = self.objects.find("ConfigMap", volume["configMap"]["name"])["data"]
        elif "emptyDir" in volume or "persistentVolumeClaim" in volume:
            files = {}
        else:
            sources = [volume["secret"]] if "secret" in volume else [it["secret"] for it in volume.get("projected", {}).get("sources", [])]
            files = {}
            for it in sources:
                for item in it.get("items") or self.whole(it):
                    # Of an optional source a key may be absent.
                    with contextlib.suppress(*[KeyError] if it.get("optional") else []):
                        files[item["path"]] = self.secret(it.get("secretName") or it["name"], item["key"])
        for name, text in files.items():
            path = folder / name
            path.write_text(text)
            os.chown(path, 0, self.user["fsGroup"])
            path.chmod(0o440 if "configMap" not in volume else 0o444)

    def whole(self, source: dict) -> list:
        """The items of a Secret that is mounted with all its keys: those that the test has put there."""
        return [{"key": key, "path": key} for name, key in self.secret if name == source["secretName"]]


class Secrets(dict):
    """Secrets that are made when they are first asked for, as the worker makes them: text without special characters."""

    KNOWN = {"admin-user": "admin", "admin-email": "owner@example.com"}

    def __call__(self, name: str, key: str) -> str:
        return self.setdefault((name, key), self.KNOWN.get(key) or secrets.token_hex(16))


