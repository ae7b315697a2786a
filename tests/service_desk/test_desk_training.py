"""Exercises tick themselves off by what the trainee did, and by nothing else."""

from __future__ import annotations

import pypdfium2
import pytest
from desk_parts import CHEAP, CLERK, COLLEAGUE, READER, FakeHoldings
from printed_parts import HOUSES

from mappings.access import ANONYMOUS
from service_desk.desk import Desk
from service_desk.errors import NotAllowed, NotFound, Unavailable
from service_desk.forms import AnswerForm
from service_desk.objects import FolderObjects
from service_desk.ports import Upload
from service_desk.printed.documents import Certificate
from service_desk.rules import bundled_text, read
from service_desk.training.desk import ACROSS, sample_paper
from service_desk.training.rules import Exercises

BUNDLED = read(Exercises, bundled_text(Exercises))


@pytest.fixture
def training(tmp_path, kind, request, clock):
    """A training desk with two clerks and a reader, on a database of its own."""
    file = tmp_path / "training.db"
    server = request.getfixturevalue("postgres") if kind == "postgresql" else None
    name = f"training_{abs(hash(str(tmp_path)))}"
    address = server.url(name) if server else f"sqlite:///{file}"
    desk = opened(address, tmp_path, clock)
    for viewer in (READER, CLERK, COLLEAGUE):
        desk.accounts.add(viewer.name, viewer.name, "staff" if viewer.is_staff else "reader")
    yield desk
    desk.close()
    if server:
        server.drop(name)


def opened(address, folder, clock, *, training=True):
    return Desk(
        address,
        objects=FolderObjects(folder / "objects"),
        holdings=FakeHoldings(),
        clock=clock,
        hasher=CHEAP,
        training=training,
    )


def steps(desk, code, viewer=CLERK):
    found = next(one for one in desk.training.exercises(viewer, "en") if one.code == code)
    return [step.at is not None for step in found.steps]


def test_a_real_desk_has_none_of_it(desk):
    assert desk.training.across == ""
    with pytest.raises(NotFound):
        desk.training.exercises(CLERK, "en")
    with pytest.raises(NotFound):
        desk.training.begin("accept", CLERK, "en")


def test_only_staff_train(training):
    for viewer in (ANONYMOUS, READER):
        with pytest.raises(NotAllowed):
            training.training.exercises(viewer, "en")
        with pytest.raises(NotAllowed):
            training.training.begin("accept", viewer, "en")
    with pytest.raises(NotAllowed):
        training.training.trainees(CLERK)
    with pytest.raises(NotFound):
        training.training.begin("no_such", CLERK, "en")


def test_steps_tick_themselves_off_for_who_did_them(training, clock):
    receipt = training.training.begin("accept", CLERK, "en")
    assert steps(training, "accept") == [False, False]
    training.requests.take(receipt, CLERK)
    assert steps(training, "accept") == [True, False]
    check = {"verdicts": {"identity_document": "verified"}}
    training.cases.act(receipt, "check", check, CLERK)
    assert steps(training, "accept") == [True, True]
    assert training.requests.case(receipt, CLERK).status == "accepted"
    assert steps(training, "accept", COLLEAGUE) == [False, False]


def test_what_was_done_to_another_request_does_not_count(training):
    first = training.training.begin("hand_over", CLERK, "en")
    second = training.training.begin("hand_over", CLERK, "en")
    assert first != second
    training.requests.take(first, CLERK)
    assert steps(training, "hand_over") == [False, False]
    training.requests.take(second, CLERK)
    training.cases.act(second, "hand_over", {"to": COLLEAGUE.name, "text": "begun"}, CLERK)
    assert steps(training, "hand_over") == [True, True]


def test_the_one_notice_of_what_is_missing(training):
    receipt = training.training.begin("missing", CLERK, "zh-Hans")
    training.requests.take(receipt, CLERK)
    asked = {"verdicts": dict.fromkeys(("identity_document", "proof_of_relation"), "missing"), "text": "请补交"}
    training.cases.act(receipt, "ask_materials", asked, CLERK)
    assert steps(training, "missing") == [True, True]
    assert training.requests.case(receipt, CLERK).status == "needs_materials"


def test_a_document_that_names_no_request_counts_too(training):
    receipt = training.training.begin("answer", CLERK, "en")

    def made(mark, at):
        house = HOUSES["zh-Hans"]
        given = {"house": house, "language": "zh-Hans", "issued": at, "mark": mark, "receipt": receipt}
        return Certificate(**given, person="王小明", question="?", findings=(), is_certified=True)

    training.giving.issue(receipt, "certificate", made, CLERK, "证明.pdf")
    assert steps(training, "answer") == [True, False]
    training.requests.answer(receipt, AnswerForm(text="x"), CLERK)
    assert steps(training, "answer") == [True, True]


def test_what_it_prints_says_so_on_every_page(training):
    def made(mark, at):
        house = HOUSES["zh-Hans"]
        given = {"house": house, "language": "zh-Hans", "issued": at, "mark": mark, "receipt": "A"}
        return Certificate(**given, person="王小明", question="问\n" * 90, findings=(), is_certified=True)

    issued = training.printing.issue("certificate", made, CLERK.name)
    with pypdfium2.PdfDocument(issued.pdf) as document:
        assert len(document) > 1
        assert all("TRAINING" in page.get_textpage().get_text_range() for page in document)


def test_files_that_leave_by_a_link_say_so(training):
    """Beside what the link itself says; a file on which nothing can be drawn is given as it is."""
    receipt = training.training.begin("answer", CLERK, "en")
    files = [Upload("scan.png", "image/png", sample_paper("x")), Upload("a.txt", "text/plain", b"words")]
    training.requests.answer(receipt, AnswerForm(text="x"), CLERK, files)
    tokens = [training.giving.link(receipt, number, CLERK, days=1, times=1) for number in (1, 2)]
    shown, marked = training.file_links.taken(tokens[0])
    assert shown.name == "scan.png" and marked != sample_paper("x")
    assert training.file_links.taken(tokens[1])[1] == b"words"


def test_its_database_is_no_real_house_and_a_real_house_is_none_of_it(training, tmp_path, clock):
    address = training._database.engine.url.render_as_string(hide_password=False)
    with pytest.raises(Unavailable, match="of a training desk"):
        opened(address, tmp_path, clock, training=False)
    assert not training.training.has_begun_anew()


def test_nobody_trains_at_a_real_house(open_desk, desk, database, tmp_path, clock):
    with pytest.raises(Unavailable, match="of a real house"):
        opened(database, tmp_path, clock)


def test_the_bundled_exercises(desk):
    """Eight, each in three languages, about types, relations and materials that there are."""
    from service_desk.materials import Materials
    from service_desk.request_types import Types

    types, materials = desk.rules.now(Types).types, desk.rules.now(Materials)
    assert len(BUNDLED.exercises) == 8
    for rule in BUNDLED.exercises.values():
        for title in (rule.title, rule.task, *(step.says for step in rule.steps)):
            assert len({title.en, title.zh_hans}) == 2 and title.zh_hant
        if rule.begins:
            assert rule.begins.type in types
            assert set(rule.begins.papers) <= materials.materials.keys()
            assert rule.begins.relation is None or rule.begins.relation in materials.relations


@pytest.mark.parametrize("does", ["request.fly", "", "REQUEST.TAKE"])
def test_a_step_that_nobody_can_do_is_a_mistake(does):
    from service_desk.rules import RulesMistaken

    text = bundled_text(Exercises).replace("does: request.take", f"does: '{does}'", 1)
    with pytest.raises(RulesMistaken, match="audit log tells of"):
        read(Exercises, text)


def test_the_mark_is_the_house_s_three_languages():
    assert ACROSS.startswith("TRAINING")


def test_what_is_handed_out_says_so_once(training):
    """Its own documents stay text; what somebody attached is drawn on; a real desk changes nothing."""

    def made(mark, at):
        house = HOUSES["zh-Hans"]
        given = {"house": house, "language": "zh-Hans", "issued": at, "mark": mark, "receipt": "A"}
        return Certificate(**given, person="王小明", question="?", findings=(), is_certified=True)

    own = training.printing.issue("certificate", made, CLERK.name).pdf
    assert training.for_practice(own, "application/pdf") == own
    scan = sample_paper("x")
    assert training.for_practice(scan, "image/png") != scan
    assert training.for_practice(b"words", "text/plain") == b"words"
    assert training.for_practice(b"%PDF-1.4 broken", "application/pdf") == b"%PDF-1.4 broken"


def test_a_real_desk_hands_out_what_there_is(desk):
    assert desk.for_practice(sample_paper("x"), "image/png") == sample_paper("x")
