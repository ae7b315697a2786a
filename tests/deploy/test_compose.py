"""compose.yaml: to the letter of its schema, in agreement with settings and commands; nothing unpinned or open."""

from __future__ import annotations

import importlib.util
import json
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

import jsonschema
import pytest
import yaml
from minio import Minio
from minio.error import S3Error
from sqlalchemy import make_url

from tests.deploy.parts import DEPLOY, IMAGE, PINNED, ROOT, settings, understood
from tests.services.minio_server import MinioServer

TEXT: Final = (ROOT / "compose.yaml").read_text(encoding="utf-8")
EXAMPLE: Final = (DEPLOY / "compose" / "env.example").read_text(encoding="utf-8")
PASSWORDS: Final = {name: f"{name} p/w @:$%#'{{}}" for name in re.findall(r"(?m)^(\w+)=''$", EXAMPLE)}
_VARIABLE: Final = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?::(?P<how>[-?])(?P<text>[^}]*))?\})")


def filled_in(value: Any, environment: Mapping[str, str]) -> Any:
    """A value of the file with ``${NAME:-default}`` and ``${NAME:?sentence}`` filled in, as Compose does it."""
    if isinstance(value, dict):
        return {key: filled_in(inner, environment) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled_in(inner, environment) for inner in value]
    return _VARIABLE.sub(lambda found: _variable(found, environment), value) if isinstance(value, str) else value


def _variable(found: re.Match[str], environment: Mapping[str, str]) -> str:
    if found["name"] is None:
        return "$"
    if environment.get(found["name"]):
        return environment[found["name"]]
    assert found["how"] == "-", f"{found[0]} has no default and is not in the example"
    return str(found["text"])


COMPOSE: Final[dict[str, Any]] = filled_in(yaml.safe_load(TEXT), PASSWORDS)
SERVICES: Final[dict[str, dict[str, Any]]] = COMPOSE["services"]
OURS: Final = [name for name, service in SERVICES.items() if service["image"] == IMAGE]


def test_it_keeps_to_the_schema_of_compose_files() -> None:
    schema = json.loads((ROOT / "tests" / "deploy" / "compose-spec.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for document in (yaml.safe_load(TEXT), COMPOSE):
        assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned_and_every_service_bounded(name: str) -> None:
    service = SERVICES[name]
    assert PINNED.fullmatch(service["image"])
    assert service["mem_limit"] and service["restart"] in ("unless-stopped", "no")
    assert service["restart"] == "no" or "healthcheck" in service or name in OURS


def test_the_parts_are_the_ones_that_are_described() -> None:
    images = {service["image"].partition(":")[0] for service in SERVICES.values()}
    assert images == {"onestop", "nginx", "opensearchproject/opensearch", "minio/minio", "postgres"}
    assert SERVICES["search"]["image"] == "opensearchproject/opensearch:3.5.0"
    assert sorted(OURS) == ["init", "sync", "web"]


@pytest.mark.parametrize("name", ["web", "sync"])
def test_its_addresses_are_settings_and_lead_to_its_services(name: str, tmp_path: Path) -> None:
    read = settings(tmp_path, SERVICES[name]["environment"])
    assert (read.secret, read.identity_key) == (PASSWORDS["FORM_SECRET"], PASSWORDS["IDENTITY_KEY"])
    assert read.trusted_proxies == [COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"]]
    led = {key: urlsplit(getattr(read, key)).hostname for key in ("engine", "records", "objects", "database")}
    assert led == {"engine": "search", "records": "objects", "objects": "objects", "database": "database"}
    assert make_url(read.database_url).password == PASSWORDS["DESK_PASSWORD"]
    for service in led.values():
        assert set(SERVICES[service]["networks"]) <= set(SERVICES[name]["networks"])


def test_its_commands_are_commands_of_ours() -> None:
    assert understood(SERVICES["web"]["command"]) == "serve"
    assert understood(SERVICES["sync"]["command"]) == "sync"
    told = re.findall(r"onestop (user add NAME --role staff)", (DEPLOY / "compose" / "init.py").read_text("utf-8"))
    assert [understood(command.split()) for command in told] == ["user"]


def test_only_the_proxy_is_open_to_the_world() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["back"]["internal"] is True
    for name in ("search", "objects", "database", "init"):
        assert SERVICES[name]["networks"] == ["back"]
    assert SERVICES["proxy"]["networks"] == ["front"]
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"] and "user" not in service


def test_who_waits_for_health_waits_for_somebody_who_can_tell() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for service in SERVICES.values():
        for other, how in service.get("depends_on", {}).items():
            waited_for = SERVICES[other]
            if how["condition"] == "service_healthy":
                checked = "healthcheck" in waited_for or (other in OURS and "HEALTHCHECK" in dockerfile)
                assert checked and not waited_for.get("healthcheck", {}).get("disable")
            if how["condition"] == "service_completed_successfully":
                assert waited_for["restart"] == "no"
    assert {name for name, how in SERVICES["web"]["depends_on"].items() if how["condition"] == "service_healthy"} == {
        "database"
    }


def test_every_file_and_volume_it_names_is_there() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            assert source in COMPOSE["volumes"] or source in ("./data", "/tmp") or (ROOT / source).is_file()
    assert (ROOT / COMPOSE["x-onestop"]["build"] / "Dockerfile").is_file()


def test_the_example_has_every_variable_and_no_password() -> None:
    asked = {found["name"]: found["how"] for found in _VARIABLE.finditer(TEXT) if found["name"]}
    told = dict(re.findall(r"(?m)^#?([A-Z][A-Z_0-9]*)=(.*)$", EXAMPLE))
    of_ours = set(re.findall(r"\$\$\{(\w+)\}", TEXT))
    assert set(told) == set(asked) | of_ours
    assert {name for name, value in told.items() if value == "''"} == {n for n, how in asked.items() if how == "?"}
    assert of_ours <= set(SERVICES["web"]["environment"]) & set(SERVICES["sync"]["environment"])
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert ".env" in ignored and not (ROOT / ".env").is_symlink()
    defaults = {found["name"]: found["text"] for found in _VARIABLE.finditer(TEXT) if found["how"] == "-"}
    own_places = {"TLS", "WORKSPACE", "SERVER_NAME", "ALERTS"}
    assert {n: told[n] for n in defaults if n not in own_places} == {
        n: text for n, text in defaults.items() if n not in own_places
    }


@pytest.fixture
def init() -> ModuleType:
    """The first step, as a module."""
    spec = importlib.util.spec_from_file_location("init", DEPLOY / "compose" / "init.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def first(init: ModuleType, minio: MinioServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of the first step, now that of this process, with MinIO here and folders of this test."""
    endpoint = urlsplit(minio.endpoint).netloc
    environment = {
        **SERVICES["init"]["environment"],
        "ONESTOP_WORKSPACE": str(tmp_path / "workspace"),
        "ONESTOP_OBJECTS": SERVICES["init"]["environment"]["ONESTOP_OBJECTS"].replace("objects:9000", endpoint),
        "S3_SECRET": "s3cret/with+signs&" + "0" * 32,
        "S3_ADMIN_SECRET": minio.secret_key,
    }
    monkeypatch.setattr(init, "ADMIN", minio.access_key)
    monkeypatch.setattr(init, "TLS", tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return {**environment, "endpoint": endpoint}


def test_the_first_step_makes_everything_once(
    init: ModuleType, first: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init.main() == 0
    assert "user add" in capsys.readouterr().out
    kept = (tmp_path / "onestop.crt").read_bytes()
    settings_file = tmp_path / "workspace" / "onestop.toml"
    settings_file.write_text("# changed\n", encoding="utf-8")
    assert init.main() == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "onestop.crt").read_bytes() == kept
    assert settings_file.read_text(encoding="utf-8") == "# changed\n"
    ours = Minio(endpoint=first["endpoint"], access_key="onestop", secret_key=first["S3_SECRET"], secure=False)
    assert _may(ours) == ["onestop"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "onestop.crt", tmp_path / "onestop.key")
    assert (tmp_path / "onestop.key").stat().st_mode & 0o077 == 0


def _may(client: Minio) -> list[str]:
    """The buckets that somebody sees and may write to; none other can be made."""
    with pytest.raises(S3Error, match="Access Denied"):
        client.make_bucket(bucket_name="elsewhere")
    seen = [bucket.name for bucket in client.list_buckets()]
    for name in seen:
        client.fput_object(bucket_name=name, object_name="records/x", file_path=__file__)
        client.remove_object(bucket_name=name, object_name="records/x")
    return seen


def test_a_first_step_that_cannot_be_says_so_in_a_sentence(
    init: ModuleType, first: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("S3_ADMIN_SECRET", "not the one")
    assert init.main() == 2
    said = capsys.readouterr().err
    assert said.startswith("The installation cannot be made ready") and said.count("\n") == 1
    assert "not the one" not in said and first["S3_SECRET"] not in said
