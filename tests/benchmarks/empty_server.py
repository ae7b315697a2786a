"""The opponent of the screens: an empty Streamlit page under the same settings and the same server as the product.

usage: python -m tests.benchmarks.empty_server PORT
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from streamlit.starlette import App

from search_ui.asgi import configure

SCRIPT = Path(__file__).with_name("empty_page.py")


def main(port: int) -> None:
    """Serve until terminated."""
    configure()
    uvicorn.run(App(SCRIPT), host="127.0.0.1", port=port, log_level="warning", server_header=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
