"""A bare OpenSearch of one node, as a child process: fetched once with Maven."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.services.java import QUICK, compile_into, fetch, java_home, prepared
from tests.services.server import Server, free_port

HERE = Path(__file__).parent / "opensearch"
VERSION = "3.5.0"


class SearchServer(Server):
    """What a node of either product has in common. `address` is ``http://127.0.0.1:PORT``, also after a restart."""

    product: str
    patience = 180

    def __init__(self, heap: str, kept: Path, settings: Sequence[str]) -> None:
        """`kept` holds its libraries and our starter. Raises NotThere."""
        self._java = str(java_home() / "bin" / "java")
        super().__init__()
        self._heap, self._kept, self._settings = heap, kept, settings
        self.port, self.transport = free_port(), free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        heap = [f"-Xms{self._heap}", f"-Xmx{self._heap}", *(QUICK if self._heap.endswith("m") else ())]
        return [self._java, *heap, *self.starter(), str(self.port), str(self.transport), *self._settings]

    def starter(self) -> list[str]:
        """What Java is told up to the ports."""
        raise NotImplementedError

    def classes(self) -> list[str]:
        """Where Java finds our starter and the libraries."""
        return ["-cp", f"{self._kept / 'starter'}:{self._kept / 'lib'}/*"]

    @property
    def pid(self) -> int:
        """Its process. Raises RuntimeError while it is not started."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    def engine(self, index: str = "onestop", parameters: str = "") -> str:
        """The `engine` of a workspace for an index of this server; `parameters` as in ``shards=2&replicas=0``."""
        return engine_address(self.product, self.address, index, parameters)

    def is_up(self) -> bool:
        """Its one node takes part and answers searches."""
        health = f"{self.address}/_cluster/health"
        with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(health, timeout=2) as answer:
            return json.load(answer).get("number_of_data_nodes") == 1
        return False


class RunningServer:
    """A node that somebody else started, named by an environment variable: while developing, tests begin at once."""

    def __init__(self, product: str, address: str) -> None:
        self.product, self.address = product, address

    def engine(self, index: str = "onestop", parameters: str = "") -> str:
        """As of a server of our own."""
        return engine_address(self.product, self.address, index, parameters)

    def start(self) -> None:
        """It is."""


def engine_address(product: str, address: str, index: str, parameters: str = "") -> str:
    """``opensearch+http://127.0.0.1:9200/INDEX?...``"""
    return f"{product}+{address}/{index}" + (f"?{parameters}" if parameters else "")


class OpenSearchServer(SearchServer):
    """A node with the modules that come with OpenSearch, without security. `heap` as Java has it: 512m, 2g;
    `settings` of the node, as in ``cluster.name=mine``.
    """

    product = "opensearch"

    def __init__(self, heap: str = "512m", settings: Sequence[str] = ()) -> None:
        """Raises NotThere."""
        kept = prepared(f"opensearch-{VERSION}", _make)
        self._classes = _classes(kept)
        super().__init__(heap, kept, settings)
        self._known = prepared(f"opensearch-{VERSION}-known", partial(_know, self._java, self._classes)) / "known.jsa"

    def starter(self) -> list[str]:
        known = [f"-XX:SharedArchiveFile={self._known}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
        return [*known, "-cp", self._classes, "BareNode", str(self.folder / "node")]


def _make(folder: Path) -> None:
    """Fetched, and our starter compiled."""
    fetch(HERE / "pom.xml", folder / "lib")
    compile_into(folder / "starter", HERE / "BareNode.java", folder / "lib")


def _classes(kept: Path) -> str:
    """The class path: all of it archives, since Java remembers classes of nothing else."""
    starter = prepared(f"opensearch-{VERSION}-starter", partial(_pack, kept / "starter"))
    return f"{starter / 'starter.jar'}:{kept / 'lib'}/*"


def _pack(classes: Path, folder: Path) -> None:
    with zipfile.ZipFile(folder / "starter.jar", "w") as jar:
        for file in classes.iterdir():
            jar.write(file, file.name)


def _know(java: str, classes: str, folder: Path) -> None:
    """What Java knows of the classes of a node once one has run: with it, a start takes half the time."""
    command = [java, "-Xmx512m", *QUICK, f"-XX:ArchiveClassesAtExit={folder / 'known.jsa'}", "-cp", classes]
    address = free_port()
    node = subprocess.Popen(
        [*command, "BareNode", str(folder / "node"), str(address), str(free_port())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{address}", node)
        node.terminate()
        node.wait(60)
    finally:
        node.kill()
        node.wait()
        shutil.rmtree(folder / "node", ignore_errors=True)


def _wait_for(address: str, node: subprocess.Popen[bytes]) -> None:
    """Until it has answered a search: that loads what searches need. A node that never does only makes starts slow."""
    end = time.monotonic() + SearchServer.patience
    while time.monotonic() < end and node.poll() is None:
        with contextlib.suppress(OSError):
            for method, path in (("PUT", "/known"), ("PUT", "/known/_doc/1?refresh=true"), ("GET", "/known/_search")):
                headers = {"content-type": "application/json"}
                asked = urllib.request.Request(address + path, b"{}", headers, method=method)
                urllib.request.urlopen(asked, timeout=30).close()
            return
        time.sleep(0.2)
