"""`onestop schedule`: what makes `onestop sync` run every night, ready to be put where it belongs."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any, Literal

from onestop.errors import SettingsError
from onestop.settings import Settings, sqlite_file

Format = Literal["systemd", "cron", "kubernetes", "all"]
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}\$?")

SERVICE = """\
# /etc/systemd/system/{name}.service
[Unit]
Description=Nightly run of the onestop workspace {workspace}
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
User={user}
ExecStart={command}
# Exit code 1 is a run in which something failed or was held back; `systemctl --failed` lists it until a good one.
TimeoutStartSec=infinity
Nice=10
IOSchedulingClass=idle
UMask=0027
# Passwords for ${{NAME}} in settings, a line NAME=value each; the file belongs to root and has mode 0600.
EnvironmentFile=-/etc/onestop/{name}.env
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={writable}
ProtectHome={protect_home}
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
"""

TIMER = """\
# /etc/systemd/system/{name}.timer
[Unit]
Description=Every night: onestop sync of {workspace}

[Timer]
OnCalendar=*-*-* {hour:02d}:{minute:02d}:00
# A machine that was off at that hour catches up when it starts.
Persistent=true
RandomizedDelaySec=10min

[Install]
WantedBy=timers.target
"""

CRON = """\
# /etc/cron.d/{name}
# cron mails what a command prints to MAILTO: here nothing after a good night, else the end of the log.
# Two runs never meet: the second one finds its sources locked and ends.
MAILTO=root
{minute} {hour} * * * {user} {command} 2>>{log} >/dev/null || tail -n 20 {log}
"""

KUBERNETES = """\
# kubectl apply -f {name}.yaml
# To fill in: IMAGE, an image with onestop in it; CLAIM, a PersistentVolumeClaim that holds the workspace (the same that
# `onestop serve` mounts); SECRET, a Secret with a key for each ${{NAME}} in the settings.
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {name}
spec:
  schedule: "{minute} {hour} * * *"
  # Without it the hour is that of the controller, mostly UTC.
  # timeZone: Asia/Shanghai
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 21600
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 7
  jobTemplate:
    spec:
      # A run goes on where the last one ended: nothing is gained by trying again at once.
      backoffLimit: 0
      template:
        spec:
          restartPolicy: Never
          securityContext:
            runAsNonRoot: true
            runAsUser: 10001
            fsGroup: 10001
          containers:
            - name: sync
              image: IMAGE
              command: ["onestop", "--workspace", "/workspace", "sync"]
              envFrom:
                - secretRef:
                    name: SECRET
                    optional: true
              resources:
                requests: {{cpu: "1", memory: 2Gi}}
                limits: {{memory: 4Gi}}
              securityContext:
                allowPrivilegeEscalation: false
                readOnlyRootFilesystem: true
                capabilities: {{drop: ["ALL"]}}
              volumeMounts:
                - {{name: workspace, mountPath: /workspace}}
                - {{name: tmp, mountPath: /tmp}}
          volumes:
            - name: workspace
              persistentVolumeClaim:
                claimName: CLAIM
            - name: tmp
              emptyDir: {{}}
"""


def definitions(settings: Settings, wanted: Format, at: str, user: str | None) -> dict[str, str]:
    """The definitions for a workspace by file name, such as ``onestop-archive.timer``. `at` is ``HH:MM``, `user` the
    account that runs it, None for the owner of the workspace. Raises SettingsError for a time or name that cannot be.
    """
    workspace = settings.workspace
    time, account = _TIME.fullmatch(at), user or _owner(workspace)
    if time is None:
        raise SettingsError(f"--at {at!r} is no time; write it as 02:30.")
    if not _USER.fullmatch(account):
        raise SettingsError(f"--user {account!r} is no name of an account; write one such as onestop.")
    name = _name(workspace)
    words: dict[str, Any] = {"name": name, "hour": int(time[1]), "minute": int(time[2]), "user": account}
    made = {
        "systemd": {f"{name}.service": _service(words, settings), f"{name}.timer": _timer(words, workspace)},
        "cron": {f"{name}.cron": _cron(words, workspace)},
        "kubernetes": {f"{name}.yaml": KUBERNETES.format(**words)},
    }
    chosen = made if wanted == "all" else {wanted: made[wanted]}
    return {file: text for files in chosen.values() for file, text in files.items()}


def _owner(workspace: Path) -> str:
    try:
        return workspace.owner()
    except (KeyError, OSError):  # an account that has no name here
        return "onestop"


def executable() -> Path:
    """The command `onestop` as it is called now."""
    beside = Path(sys.executable).with_name("onestop")
    called = Path(sys.argv[0])
    if called.name == "onestop" and called.is_file():
        return called.absolute()
    found = shutil.which("onestop")
    return beside if beside.is_file() or found is None else Path(found)


def _service(words: dict[str, Any], settings: Settings) -> str:
    """Specifiers (``%``) and variables (``$``) of systemd are taken literally; paths with blanks are quoted."""
    workspace = settings.workspace
    command = " ".join(map(_unit_word, [str(executable()), "--workspace", str(workspace), "sync"]))
    places = [workspace, *(place for place in _written(settings) if not place.is_relative_to(workspace))]
    homes = [Path("/home"), Path("/root"), Path("/run/user")]
    at_home = any(place.is_relative_to(home) for place in (*places, executable()) for home in homes)
    return SERVICE.format(
        **words,
        workspace=_unit_text(workspace),
        command=command,
        writable=" ".join(_unit_word(str(place), "%") for place in places),
        protect_home="no" if at_home else "read-only",
    )


def _timer(words: dict[str, Any], workspace: Path) -> str:
    return TIMER.format(**words, workspace=_unit_text(workspace))


def _unit_text(workspace: Path) -> str:
    return str(workspace).replace("%", "%%")


def _written(settings: Settings) -> list[Path]:
    """The folders that a run writes to, as far as they are on this machine."""
    found = []
    for key in ("records", "objects", "outbox"):
        with contextlib.suppress(SettingsError):
            found.append(settings.folder(key))
    scheme, _, folder = settings.engine.partition(":")
    if scheme == "tantivy":
        found.append(settings.workspace / folder)
    if (database := sqlite_file(settings.database_url)) is not None:
        found.append(database.parent)
    return sorted({place.resolve() for place in found})


def _unit_word(text: str, doubled: str = "%$") -> str:
    for sign in doubled:
        text = text.replace(sign, sign * 2)
    if re.fullmatch(r"[\w./:@%$+,=-]+", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _cron(words: dict[str, Any], workspace: Path) -> str:
    """A percent sign ends a command in cron unless it is escaped."""
    command = shlex.join([str(executable()), "--workspace", str(workspace), "sync"])
    log = shlex.quote(str(workspace / "nightly.log"))
    return CRON.format(**words, command=command.replace("%", r"\%"), log=log.replace("%", r"\%"))


def _name(workspace: Path) -> str:
    """``onestop-FOLDER``, in the letters that units, files of cron and Kubernetes all take (RFC 1123 label)."""
    kept = re.sub(r"[^a-z0-9]+", "-", workspace.name.lower()).strip("-")
    return f"onestop-{kept}"[:52].rstrip("-") if kept else "onestop"
