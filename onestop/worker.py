"""One of several serving processes: `onestop serve --processes N` starts this.

usage: python -m onestop.worker WORKSPACE CHANNEL DOOR
"""

from __future__ import annotations

import sys
from pathlib import Path

from onestop.logs import log_to_stderr
from onestop.wiring import Workspace


def main(workspace: str, channel: str, door: str) -> None:
    """Serve a workspace's connections that come over the channel."""
    from onestop.relaying import keep_relaying
    from search_ui.server import serve_connections

    log_to_stderr()
    with Workspace(Path(workspace)) as here:
        keep_relaying(here)
        here.desk.keep_going()
        serve_connections(
            here.services, int(channel), Path(door), here.streamlit_options(), here.settings.trusted_proxies
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
