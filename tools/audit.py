"""`make audit`: ask the advisories of the package index about every locked library, and say what came of it.

pip-audit ends with 0 also when nobody answered it; here that has an exit code of its own: 0 all were asked about and
none has an advisory, 1 some have, 3 some or all could not be asked about.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

CLEAN, FOUND, NOT_ASKED = 0, 1, 3
LOCKS: Final = ("requirements.lock", "requirements-dev.lock")


def judged(document: dict[str, Any]) -> tuple[int, list[str]]:
    """Exit code and lines for what pip-audit found (its JSON): advisories first, then what nobody answered for."""
    libraries = document["dependencies"]
    unsafe = [(each, advisory) for each in libraries for advisory in each.get("vulns", ())]
    skipped = [each for each in libraries if "skip_reason" in each]
    lines = [
        f"{each['name']} {each['version']}: {advisory['id']}, mended in {' '.join(advisory['fix_versions']) or 'none'}"
        for each, advisory in unsafe
    ]
    if skipped:
        of = f"{len(skipped)} of {len(libraries)} libraries"
        lines.append(f"Nobody answered for {of}, such as: {skipped[0]['skip_reason']}")
    code = FOUND if unsafe else NOT_ASKED if skipped or not libraries else CLEAN
    return code, lines or [f"No advisory for {len(libraries)} libraries."]


def asked(lock: str, options: list[str]) -> dict[str, Any]:
    """What pip-audit says of a lock file. Raises ValueError when it says nothing that can be read."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--requirement", lock]
    more = ["--format", "json", "--progress-spinner", "off", *options]
    done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)  # noqa: S603  # our own words
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(options: list[str]) -> int:
    """Both lock files; the worst code of the two."""
    worst = CLEAN
    for lock in LOCKS:
        try:
            code, lines = judged(asked(lock, options))
        except ValueError:
            code, lines = NOT_ASKED, ["pip-audit did not say anything; is the package index reached?"]
        print(*(f"{lock}: {line}" for line in lines), sep="\n")
        worst = FOUND if FOUND in (code, worst) else max(code, worst)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
