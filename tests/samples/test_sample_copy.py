"""The demo's de-identified copy: what staff would have decided fits the page, and nobody's name is left in it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from mappings.access import ANONYMOUS
from onestop import demo
from onestop.wiring import Workspace

NAMED = re.compile("程晚晴|孟长河|孟小满|孟长山|白兰芝|郭玉舟|邓静娴|方远帆|004218|柳溪 27|第三生产队")


def test_the_copy_that_the_demo_releases(synced_samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(synced_samples, folder)
    with Workspace(folder, environment={}) as here:
        demo._add_accounts(here)
        record = here.store.get(*demo.COPIED.split(":"))
        assert record is not None
        assert sorted(set(NAMED.findall("".join(page.text for page in record.pages)))) == sorted(
            NAMED.pattern.split("|")
        )
        demo._release_copy(here)
        demo._release_copy(here)
    with Workspace(folder, environment={}) as here:
        shown = [here.searcher.page(demo.COPIED, number, ANONYMOUS) for number in (1, 2)]
        assert all(page and page["deidentified"] and page["image"] for page in shown)
        assert not NAMED.search("".join(page["text"] for page in shown if page))
        assert "柳溪公社卫生院" in (shown[0] or {})["text"], "a place is no name"
