"""Judged sets: documents, questions and what answers them, made from the shared corpus.

Two are judged by people (`cranfield`, `cmrc`); the others are known items of other kinds of text, to see that nothing
is won on the first two at the cost of others.
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from pathlib import Path

from lxml import etree

from tests.relevance.line import EMBEDDED, make

SEED = 7
TUNED, HELD = "tuned", "held"
Document = dict[str, str]
Question = tuple[str, str, dict[str, int]]
"""Its id, its text, and gains by the ids of documents."""


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Documents (id, title, text, parent) and questions about them."""

    name: str
    documents: list[Document]
    questions: list[Question]


def half(question: str) -> str:
    """The half of its set a question belongs to: constants are tuned on one, reported on the other."""
    return HELD if sha256(question.encode()).digest()[0] % 2 else TUNED


def judged_workspace(judged: JudgedSet, folder: Path, engine: str = EMBEDDED) -> Path:
    """A workspace with the documents of a set as its source, beside ``queries.tsv`` and ``qrels.txt``. Not yet
    synchronised.
    """
    make(folder, engine)
    (folder / "data").mkdir()
    with (folder / "data" / "corpus.jsonl").open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(document, ensure_ascii=False) + "\n" for document in judged.documents)
    (folder / "sources" / "set.yml").write_text(_SOURCE, encoding="utf-8")
    (folder / "queries.tsv").write_text("".join(f"{name}\t{text}\n" for name, text, _ in judged.questions), "utf-8")
    lines = (f"{name} 0 {key} {gain}\n" for name, _, gains in judged.questions for key, gain in gains.items())
    (folder / "qrels.txt").write_text("".join(lines), "utf-8")
    return folder


_SOURCE = """\
title: Judged
connector: folder
mapping: table
access: open
settings: {path: data}
columns: {id: id, parent: parent, title: title, text: text}
"""


def cranfield(corpus: Path) -> JudgedSet:
    """1,400 English abstracts of aerodynamics, 225 questions in whole sentences, graded."""
    return _published("cranfield", corpus / "retrieval" / "cranfield")


def cmrc(corpus: Path) -> JudgedSet:
    """256 Chinese passages, 1,002 questions with one right passage each."""
    return _published("cmrc", corpus / "retrieval" / "cmrc2018-trial")


def cmrc_traditional(corpus: Path) -> JudgedSet:
    """The same, asked in traditional characters."""
    table = _traditional()
    judged = cmrc(corpus)
    return JudgedSet(
        "cmrc-traditional",
        judged.documents,
        [(name, text.translate(table), gains) for name, text, gains in judged.questions],
    )


def papers_by_title(corpus: Path) -> JudgedSet:
    """1,000 Chinese abstracts, each asked for by the title it goes without."""
    papers = _papers(corpus)
    documents = [{"id": str(at), "title": "", "text": abstract} for at, (_, abstract, _) in enumerate(papers)]
    return JudgedSet("papers-title", documents, [(str(at), paper[0], {str(at): 1}) for at, paper in enumerate(papers)])


def papers_by_keywords(corpus: Path) -> JudgedSet:
    """The same abstracts under their titles, asked for by their keywords."""
    papers = _papers(corpus)
    documents = [{"id": str(at), "title": title, "text": abstract} for at, (title, abstract, _) in enumerate(papers)]
    return JudgedSet(
        "papers-keywords", documents, [(str(at), paper[2], {str(at): 1}) for at, paper in enumerate(papers)]
    )


def papers_by_discipline(corpus: Path) -> JudgedSet:
    """The same abstracts without titles, asked for by their discipline: a few words for many papers that seldom hold
    them.
    """
    papers = _papers(corpus)
    gains: dict[str, dict[str, int]] = {}
    for at, row in enumerate(_rows(corpus, "cls_dcp")):
        gains.setdefault(row[2], {})[str(at)] = 1
    documents = [{"id": str(at), "title": "", "text": abstract} for at, (_, abstract, _) in enumerate(papers)]
    questions = [(name, f"有没有{name}方面的研究论文？", found) for name, found in gains.items()]
    return JudgedSet("papers-discipline", documents, questions)


def verses(corpus: Path) -> JudgedSet:
    """1,000 Tang poems, asked for by their poet, the beginning of a line and the end of another."""
    draw = random.Random(SEED)
    documents, questions = [], []
    for poem in json.loads((corpus / "thematic" / "tang-poets" / "poet.tang.10000.json").read_text("utf-8")):
        text = "\n".join(poem["paragraphs"])
        documents.append({"id": poem["id"], "title": f"{poem['title']} {poem['author']}", "text": text})
        lines = re.findall(r"[^\W\d_]{4,}", text)
        if len(lines) > 3:
            one, other = draw.sample(lines, 2)
            questions.append((poem["id"], f"{poem['author']} {one[:2]} {other[-3:]}", {poem["id"]: 1}))
    return JudgedSet("verses", documents, questions)


def units(corpus: Path) -> JudgedSet:
    """Units of finding aids, asked for by their own title and the beginning of that of their collection."""
    draw = random.Random(SEED)
    found = [unit for file in _small_aids(corpus) for unit in _units(file)]
    documents = [{"id": key, "parent": parent, "title": title, "text": ""} for key, parent, title, _ in found]
    asked: dict[str, dict[str, int]] = {}
    for key, _, title, top in found:
        if top and len(title.split()) > 1:
            asked.setdefault(f"{title} {' '.join(top.split()[:3])}", {})[key] = 1
    chosen = draw.sample(sorted(asked), min(300, len(asked)))
    return JudgedSet("units", documents, [(next(iter(asked[text])), text, asked[text]) for text in chosen])


SETS: tuple[Callable[[Path], JudgedSet], ...] = (
    cranfield,
    cmrc,
    cmrc_traditional,
    papers_by_title,
    papers_by_keywords,
    papers_by_discipline,
    verses,
    units,
)


def _published(name: str, folder: Path) -> JudgedSet:
    with (folder / "corpus.jsonl").open(encoding="utf-8") as lines:
        documents = [{**{"title": "", "text": ""}, **json.loads(line)} for line in lines]
    gains: dict[str, dict[str, int]] = {}
    for line in _lines(folder / "qrels.txt"):
        question, _, document, gain = line.split()
        gains.setdefault(question, {})[document] = int(gain)
    questions = [line.split("\t", 1) for line in _lines(folder / "queries.tsv")]
    return JudgedSet(name, documents, [(key, text, gains[key]) for key, text in questions if key in gains])


def _papers(corpus: Path) -> list[tuple[str, str, str]]:
    """Title, abstract and keywords of every paper."""
    pairs = zip(_rows(corpus, "ts"), _rows(corpus, "kg"), strict=True)
    return [(by_title[2], by_title[1], by_words[2].replace("_", " ")) for by_title, by_words in pairs]


def _rows(corpus: Path, task: str) -> Iterator[list[str]]:
    (file,) = (corpus / "thematic" / "chinese-research-papers" / task).iterdir()
    return csv.reader(_lines(file), delimiter="\t", quoting=csv.QUOTE_NONE)


def _lines(file: Path) -> list[str]:
    """The lines of a file by their newlines alone: some hold other characters that Python splits at."""
    return [line for line in file.read_text("utf-8").split("\n") if line]


def _traditional() -> dict[int, str]:
    """A traditional form for every character that has one: the first that Big5 knows of those folded into it."""
    lines = resources.files("mappings").joinpath("data/fold.txt").read_text("utf-8").split("\n")
    table: dict[int, str] = {}
    for written, folded in zip(lines[0], lines[1], strict=True):
        if written >= "\u4e00" and ord(folded) not in table and written.encode("big5", "ignore"):
            table[ord(folded)] = written
    return table


def _small_aids(corpus: Path) -> Iterable[Path]:
    """Finding aids of some hundred components: enough of them to be mistaken for each other, and still quick."""
    files = sorted((corpus / "ead" / "ead3-ncsu").rglob("*.xml"))
    return [file for file in files if file.stat().st_size < 250_000]


def _units(file: Path) -> Iterator[tuple[str, str, str, str]]:
    """Id, parent's id, title and collection's title of every component with a title."""
    tree = etree.parse(file, etree.XMLParser(resolve_entities=False, no_network=True))
    top = next(iter(tree.iter("{*}archdesc")))
    collection = _title(top)
    yield file.stem, "", collection, ""
    names = {top: file.stem}
    for at, component in enumerate(top.iter("{*}c", *(f"{{*}}c{level:02}" for level in range(1, 13)))):
        above = next((names[node] for node in component.iterancestors() if node in names), file.stem)
        if title := _title(component):
            names[component] = f"{file.stem}-{at}"
            yield names[component], above, title, collection


def _title(component: etree._Element) -> str:
    found = component.find("{*}did/{*}unittitle")
    return " ".join("".join(found.itertext()).split()) if found is not None else ""
