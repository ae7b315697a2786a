"""Java and Maven, for the search servers of the tests: libraries are fetched once and kept for all repositories."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.once import made_once
from tests.services.server import NotThere

OLDEST = 21
"""The oldest Java that both servers run on."""
QUICK = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
"""For a server that lives for a few minutes and shares its two cores."""


def kept() -> Path:
    """The folder in which libraries stay: `ONESTOP_SERVICES`, or one in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("ONESTOP_SERVICES") or cache / "onestop-services").resolve()


def java_home() -> Path:
    """The newest Java there is. Raises NotThere when it is too old."""
    version, home = max(_installed(), default=(0, Path()))
    if version < OLDEST:
        raise NotThere(
            f"the tests need a JDK of Java {OLDEST} or newer below /usr/lib/jvm, or named by JAVA_HOME; "
            "install one with: apt-get install openjdk-25-jdk-headless (or temurin-25-jdk, openjdk-21-jdk-headless)"
        )
    return home


def _installed() -> Iterator[tuple[int, Path]]:
    """Version and folder of every JDK."""
    named = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    for home in [*named, *Path("/usr/lib/jvm").glob("*")]:
        release = home / "release"
        said = re.search(r'JAVA_VERSION="(\d+)', release.read_text()) if release.is_file() else None
        if said and (home / "bin" / "javac").is_file():
            yield int(said[1]), home


def prepared(name: str, make: Callable[[Path], None]) -> Path:
    """The kept folder of this name, made by `make` when it is not there yet."""
    return made_once(kept() / name, make)


def fetch(pom: Path, folder: Path) -> None:
    """Put the libraries that a `pom.xml` names into a folder. Raises NotThere."""
    maven = shutil.which("mvn")
    if not maven:
        raise NotThere("the tests fetch search servers with Maven; install it with: apt-get install maven")
    copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    run([maven, "-q", "-B", "-f", str(pom), *copy])


def compile_into(folder: Path, source: Path, libraries: Path) -> None:
    """Compile a starter of ours. Raises NotThere."""
    compiler = str(java_home() / "bin" / "javac")
    run([compiler, "-nowarn", "-proc:none", "-d", str(folder), "-cp", f"{libraries}/*", str(source)])


def run(command: list[str]) -> None:
    """A command that must succeed. Raises NotThere with the end of what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise NotThere(f"{command[0]} does not do its work: {(done.stdout + done.stderr)[-800:]}")
