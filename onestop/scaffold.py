"""`onestop init`: a workspace with a word on every part of it. Nothing that exists is overwritten."""

from __future__ import annotations

from pathlib import Path

from onestop.errors import SettingsError
from onestop.settings import FILE_NAME, SYNONYM_FILE

SETTINGS = """\
# A onestop workspace. Each line is one part and its address; relative ones lie in this folder.
# The environment wins: ONESTOP_ENGINE, ONESTOP_DATABASE, ... A value may hold ${NAME} from the environment.

engine   = "tantivy:index"          # the search index, a folder
objects  = "file:objects"           # files handed in and out at the desk
records  = "file:records"           # what came from the sources, item by item: a Delta Lake table
database = "sqlite:///desk.db"      # requests, accounts, feedback: any SQLAlchemy address
outbox   = "file:outbox"            # notices to readers: a folder of .eml files, smtps://..., any Apprise address
# site   = "https://archive.example"  # the public address of this house: in notices and on printed papers
# alerts = "mailto://mail.example?from=night@mail.example&to=it@mail.example"   # who is told of a night that failed
# proxies = "127.0.0.1 ::1"         # whose word is taken for who asks: addresses or networks of proxies before this one
# secret = "file:/etc/onestop.key"  # signs forms; made and kept in this folder when not set
"""

SOURCES = """\
# Sources

One file a source; its name is the file's name. `onestop source check NAME` shows what a source would give, `onestop
sync` takes it over. What a source file may say stands in example.yml.example; copy it to NAME.yml and change it.
"""

SOURCE_EXAMPLE = """\
# Copy to NAME.yml. `onestop source check NAME` shows what it gives before anything is written.
title: Papers in the east wing
connector: folder                     # folder: files; sql: rows of a database
mapping: ead                          # ead, marc, table, pdf, ...; auto finds out by looking
holder: East Wing Archive             # for records that name none
access: open                          # open registered onsite restricted closed internal; for records that state none
settings:
  path: /data/ead                     # a folder or a file; relative ones lie in the workspace
  # glob: "**/*.xml"
  # connector: sql takes url (such as postgresql+psycopg://reader:${DB_PASSWORD}@db.example/catalogue), query or table,
  # key, changed
# mapping: table also takes:
# columns: {id: 序号, reference_code: 档号, title: 题名, dates: 成文日期, creator: 责任者, text: [摘要, 备注]}
# values: {access: {公开: open}}      # words of the table to words of ours
# split: {subject: ";"}               # several values in one cell
# fixed: {level: file}                # the same for every row
# crosswalk: atom-isad                # a ready one for a well-known sheet; without columns it is recognised
# expect: {min_records: 100}          # fewer is reported
"""

THEMES = """\
# Themes

A thematic corner is data: its sources, form, facets, pack, guide and data, one `NAME.yml` each, read again when it
changes. `example.yml.example` shows all of it; docs/themes.md explains every key. `onestop theme check` tells what is
wrong.
"""

THEME_EXAMPLE = """\
# Rename to NAME.yml: the name is part of the address, /themes/NAME. Texts are needed in all three languages.
corner: livelihood                    # or research
order: 1                              # its place among the others
title: {en: Land and property, zh-Hans: 土地与房产, zh-Hant: 土地與房產}
introduction: {en: Who owned a plot, zh-Hans: 一块地是谁的, zh-Hant: 一塊地是誰的}
sources: [papers]                     # names of files in sources/
# filters: {subject: [Land]}          # what every record of it has besides: a facet and its values

form:                                 # fields a reader fills in: all of them hold, any of several names is enough
  - name: owner                       # its parameter in the address
    kind: name                        # text, name, place, year, years (a span), choice, code
    several: 5                        # so many at once, with ; between them
    label: {en: Owner, zh-Hans: 所有权人, zh-Hant: 所有權人}
    hint: {en: As it was written then, zh-Hans: 填当时的写法, zh-Hant: 填當時的寫法}
  - {name: dated, kind: years, between: [1850, 2000], label: {en: Date, zh-Hans: 年代, zh-Hant: 年代}}
  - name: how
    kind: choice
    label: {en: How it passed on, zh-Hans: 转手方式, zh-Hant: 移轉方式}
    options:                          # each asks for words (any of them), or for a filter: "subject:Gift"
      - {value: gift, label: {en: Gift, zh-Hans: 赠与, zh-Hant: 贈與}, words: [gift, 贈與]}
  # - {name: lot, kind: text, pattern: "[0-9]+", message: {en: Write digits, ...}, label: {...}}

facets: [access, organisation, place, decade]

pack:                                 # to read on line or take away as a ZIP with a register
  introduction: {en: To begin with, zh-Hans: 入门, zh-Hant: 入門}
  items:
    - {id: "papers:a.xml", note: {en: Begin here, zh-Hans: 从这里看起, zh-Hant: 從這裡看起}}
    - {query: "land tax", limit: 20}

guide:                                # short Markdown
  contents: {en: What is in it, zh-Hans: 有什么, zh-Hant: 有什麼}
  reading: {en: How to read it, zh-Hans: 怎么读, zh-Hant: 怎麼讀}
  citing: {en: How to cite it, zh-Hans: 怎么引用, zh-Hant: 怎麼引用}
  contact: {en: Whom to ask, zh-Hans: 问谁, zh-Hant: 問誰}

# data:                               # its records as CSV and Parquet
#   source: papers
#   title: {...}
#   description: {...}
#   licence: {name: CC0-1.0}
#   columns:
#     - {name: area, from: "value:Area", type: number, unit: m2, description: {...}}
"""

POLICIES = """\
# Policies

Rules of the house that an administrator edits, read again when they change. `roles.yml` says who may do what; without
it what stands in `roles.yml.example` holds. `onestop role check` tells what is wrong. `retention.yml` says how long
readers' data is kept; docs/people.md explains it. `opening.yml` says which records are closed for how long, once
`onestop opening apply` has brought it into force; docs/opening.md explains it.
"""

SYNONYMS = """\
# Other names of places, bodies and people. A line holds the names of one thing, joined by =; whoever types one of them
# finds the others, too, after what was typed. After a # stands a remark. It is read again when it changes;
# `onestop doctor` names lines that cannot be followed. Names of authority records need not stand here.

北平 = 北京 = 北平市 = 北京市 = Peking = Peiping = Beijing      # a place that changed its name
奉天 = 瀋陽 = 盛京 = Mukden = Shenyang
# 民政局 = 社會局                                               # a body and what it was called before
# 蘇軾 = 蘇東坡 = 子瞻                                          # a name, a 號 and a 字
"""

FILES = {
    "sources/README.md": SOURCES,
    "sources/example.yml.example": SOURCE_EXAMPLE,
    "themes/README.md": THEMES,
    "themes/example.yml.example": THEME_EXAMPLE,
    "policies/README.md": POLICIES,
    SYNONYM_FILE: SYNONYMS,
    FILE_NAME: SETTINGS,
}
RETENTION = """\
# How long readers' data is kept, in days; what is not said is kept for good. Rename to retention.yml: the next night
# forgets what is older. docs/people.md says what is forgotten.

requests: 1825    # after they were closed
accounts: 1095    # of readers, after the last sign-in
persons: 1095     # registered at the window, after they were last seen
feedback: 365     # whose it was
"""
ROLES_EXAMPLE = "policies/roles.yml.example"
RETENTION_EXAMPLE = "policies/retention.yml.example"


def make_workspace(folder: Path) -> Path:
    """Make a workspace in `folder`, parents too. Raises SettingsError when it is one already or cannot be made."""
    from service_desk.roles import bundled_text

    if (folder / FILE_NAME).exists():
        raise SettingsError(f"{folder} is a workspace already; name another folder.")
    try:
        for name, text in {ROLES_EXAMPLE: bundled_text(), RETENTION_EXAMPLE: RETENTION, **FILES}.items():
            _write_new(folder / name, text)
    except OSError as error:
        raise SettingsError(f"The workspace {folder} cannot be made: {error.strerror}: {error.filename}.") from error
    return folder.resolve()


def _write_new(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.write_text(text, encoding="utf-8")
