"""Elasticsearch core, one node, as a child process: the server that Elastic publishes for Maven, without x-pack.

What it is not: security, TLS, licences, scripts, and the analysers of the module `analysis-common`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.services.java import compile_into, fetch, prepared
from tests.services.opensearch_server import SearchServer

VERSION = "9.5.3"
HERE = Path(__file__).parent / "elasticsearch"
_MODULE = ("netty-", "transport-netty4-", "elasticsearch-ssl-config-")
"""Libraries of the transport, which must lie in a module of their own."""
_DESCRIPTOR = f"""\
description=transport-netty4
version={VERSION}
name=transport-netty4
classname=org.elasticsearch.transport.netty4.Netty4Plugin
java.version=17
elasticsearch.version={VERSION}
"""


def _make(folder: Path) -> None:
    """Fetched, sorted into the server's libraries and its module, and our starter compiled."""
    module = folder / "modules" / "transport-netty4"
    module.mkdir(parents=True)
    fetch(HERE / "pom.xml", folder / "lib")
    for library in (folder / "lib").iterdir():
        if library.name.startswith(_MODULE):
            library.rename(module / library.name)
    (module / "plugin-descriptor.properties").write_text(_DESCRIPTOR)
    compile_into(folder / "starter", HERE / "CoreNode.java", folder / "lib")


class ElasticsearchServer(SearchServer):
    """A node of the core. `heap` as Java has it: 512m, 2g; `settings` of the node, as in ``cluster.name=mine``."""

    product = "elasticsearch"

    def __init__(self, heap: str = "512m", settings: Sequence[str] = ()) -> None:
        """Raises NotThere."""
        kept = prepared(f"elasticsearch-{VERSION}", _make)
        super().__init__(heap, kept, settings)
        self._modules = kept / "modules"

    def starter(self) -> list[str]:
        native = ["--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"]
        return [*native, *self.classes(), "CoreNode", str(self.folder / "node"), str(self._modules)]
