"""The Kubernetes example: names lead to what is there, probes and commands to what the product serves and takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from onestop.schedule import definitions
from onestop.settings import load
from onestop.sources import SourceFile
from search_ui import paths
from search_ui.web.routing import routes
from tests.deploy.parts import DEPLOY, PINNED, settings, understood

FILES: Final = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
OBJECTS: Final[list[dict[str, Any]]] = [made for file in FILES for made in yaml.safe_load_all(file.read_text("utf-8"))]
SECRET: Final = "onestop"
"""Made by hand, as settings.yaml says: no password lies in the repository."""
INSIDE: Final = {
    "ConfigMap",
    "PersistentVolumeClaim",
    "Deployment",
    "Service",
    "PodDisruptionBudget",
    "Ingress",
    "CronJob",
}
"""Kinds that belong to a namespace, so that somebody with rights in one can install all of it."""


def one(kind: str, name: str) -> dict[str, Any]:
    [found] = [made for made in OBJECTS if (made["kind"], made["metadata"]["name"]) == (kind, name)]
    return found


def pods() -> Iterator[dict[str, Any]]:
    for made in OBJECTS:
        if made["kind"] == "Deployment":
            yield made["spec"]["template"]["spec"]
        if made["kind"] == "CronJob":
            yield made["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def test_it_needs_no_rights_beyond_a_namespace_and_holds_no_secret() -> None:
    assert {made["kind"] for made in OBJECTS} == INSIDE
    assert all("namespace" not in made["metadata"] for made in OBJECTS)
    assert len({(made["kind"], made["metadata"]["name"]) for made in OBJECTS}) == len(OBJECTS)


@pytest.mark.parametrize("pod", list(pods()), ids=lambda pod: pod["containers"][0]["name"])
def test_what_a_pod_names_is_there(pod: dict[str, Any]) -> None:
    [container] = pod["containers"]
    assert PINNED.fullmatch(container["image"])
    command = container.get("command", ["onestop"])[1:] + container.get("args", [])
    assert understood(command) == {"web": "serve", "sync": "sync"}[container["name"]]
    assert [source["secretRef"]["name"] for source in container["envFrom"]] == [SECRET]
    assert [mount["name"] for mount in container["volumeMounts"]] == [volume["name"] for volume in pod["volumes"]]
    for volume in pod["volumes"]:
        if "configMap" in volume:
            assert one("ConfigMap", volume["configMap"]["name"])["data"]
        elif "persistentVolumeClaim" in volume:
            claim = one("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])
            assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
        else:
            assert volume == {"name": "tmp", "emptyDir": {}}
    for mount in container["volumeMounts"]:
        if "subPath" in mount:
            assert mount["subPath"] in one("ConfigMap", "onestop-settings")["data"]


@pytest.mark.parametrize("pod", list(pods()), ids=lambda pod: pod["containers"][0]["name"])
def test_no_pod_may_more_than_it_needs(pod: dict[str, Any]) -> None:
    [container] = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 10001
    shut_in = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert container["securityContext"] == shut_in
    assert container["resources"]["limits"]["memory"]


def test_requests_find_their_way_to_the_web_service() -> None:
    web, service, ingress = one("Deployment", "onestop-web"), one("Service", "onestop-web"), one("Ingress", "onestop")
    labels = web["spec"]["template"]["metadata"]["labels"]
    assert web["spec"]["replicas"] == 2
    assert web["spec"]["selector"]["matchLabels"] == service["spec"]["selector"] == labels
    assert one("PodDisruptionBudget", "onestop-web")["spec"]["selector"]["matchLabels"] == labels
    [container] = web["spec"]["template"]["spec"]["containers"]
    [port] = container["ports"]
    assert str(port["containerPort"]) == container["args"][container["args"].index("--port") + 1]
    assert [each["targetPort"] for each in service["spec"]["ports"]] == [port["name"]]
    [rule] = ingress["spec"]["rules"]
    [way] = rule["http"]["paths"]
    assert way["backend"]["service"] == {
        "name": service["metadata"]["name"],
        "port": {"name": service["spec"]["ports"][0]["name"]},
    }
    assert [rule["host"]] == ingress["spec"]["tls"][0]["hosts"]
    sticky = service["metadata"]["annotations"], ingress["metadata"]["annotations"]
    assert sticky[0]["traefik.ingress.kubernetes.io/service.sticky.cookie"] == "true"
    assert sticky[1]["nginx.ingress.kubernetes.io/affinity"] == "cookie"


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_probes_ask_for_what_is_served(probe: str) -> None:
    [container] = one("Deployment", "onestop-web")["spec"]["template"]["spec"]["containers"]
    asked = container[probe]["httpGet"]
    served = {getattr(route, "path", "") for route in routes()}
    assert asked["path"] in served or paths.belongs_to_streamlit(asked["path"])
    assert asked["port"] == container["ports"][0]["name"]
    assert (probe == "readinessProbe") is (asked["path"] == "/ready")


def test_settings_and_sources_are_understood(tmp_path: Path) -> None:
    names = ("ENGINE_PASSWORD", "S3_SECRET", "DESK_PASSWORD", "ONESTOP_SECRET", "ONESTOP_IDENTITY_KEY")
    secrets = dict.fromkeys(names, "p/w @:")
    [text] = one("ConfigMap", "onestop-settings")["data"].values()
    settings(tmp_path, secrets, text)
    told = (DEPLOY / "kubernetes" / "settings.yaml").read_text(encoding="utf-8").partition("apiVersion")[0]
    assert all(f"--from-literal={name}=" in told for name in secrets)
    for source in one("ConfigMap", "onestop-sources")["data"].values():
        SourceFile.model_validate(yaml.safe_load(source))


def test_the_night_is_the_one_that_schedule_prints(tmp_path: Path) -> None:
    (tmp_path / "onestop.toml").write_text("", encoding="utf-8")
    [printed] = definitions(load(tmp_path, {}), "kubernetes", "02:30", "onestop").values()
    expected, example = yaml.safe_load(printed), one("CronJob", "onestop-nightly")
    expected["metadata"] = example["metadata"]
    pod = expected["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    container["image"], container["envFrom"] = "registry.example/onestop:0.1.0", [{"secretRef": {"name": SECRET}}]
    pod["volumes"][0]["persistentVolumeClaim"]["claimName"] = "onestop-workspace"
    assert lacking(expected, example) == []
    assert example["spec"]["concurrencyPolicy"] == "Forbid"


def lacking(expected: Any, given: Any, where: str = "") -> list[str]:
    """What stands in one document and not, or otherwise, in another one that may hold more."""
    if isinstance(expected, dict) and isinstance(given, dict):
        return [lack for key, inner in expected.items() for lack in lacking(inner, given.get(key), f"{where}.{key}")]
    if isinstance(expected, list) and isinstance(given, list):
        found = [all(lacking(inner, other) for other in given) for inner in expected]
        return [f"{where}[{number}]" for number, is_lacking in enumerate(found) if is_lacking]
    return [] if expected == given else [where]
