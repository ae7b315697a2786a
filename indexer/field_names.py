"""What fields are called in the box, in every language of the readers: ``title:``, ``題名:`` and ``标题:`` are one.

Chinese names compare folded, so each stands here in one script; the first of a language is the one that help shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from indexer.fields import QUERY_FIELDS
from mappings.text import fold

ENGLISH = {
    "title": ("title",),
    "text": ("text",),
    "page": ("page",),
    "code": ("code", "reference_code"),
    "creator": ("creator", "author"),
    "person": ("person",),
    "organisation": ("organisation", "organization"),
    "place": ("place",),
    "subject": ("subject",),
    "name": ("name",),
    "path": ("path",),
    "kind": ("kind",),
    "level": ("level",),
    "holder": ("holder", "repository"),
    "source": ("source",),
    "access": ("access",),
    "language": ("language",),
    "format": ("format",),
    "decade": ("decade",),
}
CHINESE = {
    "title": ("题名", "标题", "题目"),
    "text": ("正文", "内容", "文本"),
    "page": ("页", "页面", "全文"),
    "code": ("档号", "代码", "编号"),
    "creator": ("责任者", "作者", "著者", "形成者"),
    "person": ("人物", "人名"),
    "organisation": ("机构", "机关", "单位"),
    "place": ("地点", "地名"),
    "subject": ("主题", "主题词"),
    "name": ("名称", "名字"),
    "path": ("路径", "上级", "所属"),
    "kind": ("形式",),
    "level": ("层级", "级别"),
    "holder": ("收藏单位", "典藏单位", "馆藏", "收藏者"),
    "source": ("来源",),
    "access": ("开放", "获取"),
    "language": ("语种", "语文", "语言"),
    "format": ("类型", "文种"),
    "decade": ("年代",),
}
TRADITIONAL = {
    "title": "題名",
    "creator": "責任者",
    "person": "人物",
    "organisation": "機構",
    "place": "地點",
    "subject": "主題",
    "code": "檔號",
    "text": "正文",
    "page": "頁",
}
"""As help writes them in traditional script; what help shows at all."""


def _by_name() -> Iterator[tuple[str, str]]:
    yield from QUERY_FIELDS.items()
    for names in (ENGLISH, CHINESE):
        for field, called in names.items():
            yield from ((fold(name), field) for name in called)


_FIELDS = dict(_by_name())


def field_of(name: str) -> str | None:
    """The field a name before a colon asks, in any language, script and width; None when it is none."""
    return _FIELDS.get(fold(name))


def shown_names(language: str) -> dict[str, str]:
    """What help calls the fields in a language of the screens: each field that it shows, with a name one can type."""
    if language == "zh-Hant":
        return dict(TRADITIONAL)
    names = CHINESE if language.startswith("zh") else ENGLISH
    return {field: names[field][0] for field in TRADITIONAL}
