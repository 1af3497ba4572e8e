"""The class report: its numbers are right, it names nobody it should not, and it needs nothing."""

from __future__ import annotations

import dataclasses
import errno
import html
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from classes import SEED, attend, enrol, hand_in, record, source
from nbgrader.api import Gradebook

from autograder.commands.cli import main
from autograder.grading.course import Course
from autograder.grading.records import Record
from autograder.grading.stages import draw
from autograder.kernels.driver import Observed
from autograder.report.discretion import FEW, Discretion
from autograder.report.numbers import criteria
from autograder.report.page import write_report
from autograder.report.sources import read_records

WEEK = "week2_descent"
TASK = "gradient_descent"
Json = dict[str, Any]


def page(course: Course, **discretion: bool) -> str:
    path, _ = write_report(course.root, WEEK, discretion=Discretion(**discretion))
    return path.read_text("utf-8")


class Page(HTMLParser):
    """Tags with their attributes, and the text; fails on tags that do not match."""

    void = {"meta", "br", "link", "img"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", self.text)


@pytest.fixture
def lesson(course: Course) -> Course:
    """A course with a class of 24, some of them in trouble."""
    attend(course, WEEK, 24)
    return course


def records(course: Course) -> Iterator[tuple[str, Json]]:
    """What lies in the files, read without the report's help."""
    for path in (course.root / "records" / WEEK).glob("*.json"):
        yield path.stem, json.loads(path.read_text())["graded"]


def test_the_page_needs_nothing_but_itself(lesson: Course) -> None:
    """No script, and no style sheet, picture or font from elsewhere; tags match, ids are unique."""
    text = page(lesson)
    parsed = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in parsed.tags}
    for tag, attributes in parsed.tags:
        for name, value in attributes.items():
            if name in ("src", "href", "xlink:href", "action", "data"):
                assert str(value).startswith("#"), (tag, name, value)
            assert not name.startswith("on")
    assert not re.search(r"url\((?!#)|@import", text)
    ids = [a["id"] for _, a in parsed.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert parsed.tags[0] == ("html", {"lang": "en"})


def test_every_picture_has_words(lesson: Course) -> None:
    """Each is an image with a title and a description, and both are there."""
    text = page(lesson)
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(pictures) > 10
    for picture in pictures:
        parsed = Page(picture)
        assert parsed.tags[0][1]["role"] == "img"
        named = str(parsed.tags[0][1]["aria-labelledby"]).split()
        assert set(named) <= {a.get("id") for _, a in parsed.tags}
        assert len(re.findall(r"<desc [^>]*>[^<]{20,}</desc>", picture)) == 1


def test_colours_are_left_to_the_page(lesson: Course) -> None:
    """A picture that kept a colour of its own could not be read in the dark."""
    for picture in re.findall(r"<svg.*?</svg>", page(lesson), re.DOTALL):
        bare = re.sub(r"var\(--\w+, #\w+\)", "", picture)
        bare = re.sub(r"(href=\"|url\()#[\w-]+", "", bare)
        assert set(re.findall(r"#[0-9a-f]{3,6}\b", bare)) <= set()


def test_pass_rates_are_those_of_the_records(lesson: Course) -> None:
    """Counted again from the files, criterion by criterion; ungraded work is not counted."""
    earned, judged = Counter[str](), Counter[str]()
    for _, graded in records(lesson):
        for verdict in graded["verdicts"]:
            for criterion in verdict["criteria"]:
                judged[criterion["name"]] += criterion["status"] != "grader error"
                earned[criterion["name"]] += criterion["status"] == "passed"
    assert set(judged.values()) == {23}
    text = Page(page(lesson)).words
    for name in judged:
        share = f"{earned[name]} of 23 ({earned[name] / 23:.0%})"
        assert re.search(
            rf"{re.escape(name)}\w+( as reported: [a-z ]+)? \d {re.escape(share)}", text
        ), name


def judged(scores: list[list[float]], course: Course) -> dict[str, Record]:
    """Records in which the criteria of the week's first two tasks are earned or not."""
    items = [(t, c) for t in course.week(WEEK).tasks[:2] for c in t.criteria]
    return {
        f"s{row}": Record(
            graded={
                "score": 0,
                "verdicts": [
                    {
                        "task": task.name,
                        "criteria": [
                            {
                                "name": c.name,
                                "points": c.points,
                                "status": "passed" if earned else "failed",
                            }
                        ],
                    }
                    for (task, c), earned in zip(items, line, strict=True)
                ],
            }
        )
        for row, line in enumerate(scores)
    }


def test_discrimination_is_the_item_rest_correlation(course: Course) -> None:
    """By its definition, on a class made up at random; none where all did the same."""
    week, rng = course.week(WEEK), random.Random(3)
    table = [[float(rng.random() < 0.6) for _ in range(8)] for _ in range(30)]
    for line in table:
        line[0] = 1.0
        line[1] = line[2]
    two = dataclasses.replace(week, tasks=week.tasks[:2])
    found = criteria(two, judged(table, course))
    points = np.array([c.points for t in two.tasks for c in t.criteria])
    earned = np.array(table) * points
    assert found[0].discrimination is None
    assert (found[0].earned, found[0].judged, found[0].difficulty) == (30, 30, 0)
    for column in range(1, 8):
        rest = np.delete(earned, column, axis=1).sum(axis=1)
        x = earned[:, column]
        by_hand = ((x - x.mean()) * (rest - rest.mean())).mean() / (x.std() * rest.std())
        assert found[column].discrimination == pytest.approx(by_hand)
    few = criteria(two, judged(table[:9], course))
    assert {c.discrimination for c in few} == {None}


def test_what_students_processes_say_of_themselves_is_marked(lesson: Course) -> None:
    """Beside each criterion that rests on it, and nowhere else."""
    words = Page(page(lesson)).words
    assert "What is as reported the students' own processes say of themselves" in words
    claim = "as reported: whether an argument was changed"
    assert f"left untouched{TASK} {claim}" in words
    untouched = [c for t in lesson.week(WEEK).tasks for c in t.criteria if c.untouched]
    assert words.count(claim) == len(untouched) > 0


def test_mistakes_come_by_frequency_with_hint_and_examples(lesson: Course) -> None:
    """As often as the records say; the commonest first; the hint; two pictures where possible."""
    who: dict[tuple[str, str], set[str]] = {}
    for student, graded in records(lesson):
        for verdict in graded["verdicts"]:
            for criterion in verdict["criteria"]:
                for name in criterion["mistakes"]:
                    who.setdefault((verdict["task"], name), set()).add(student)
    text = page(lesson)
    cards = [Page(card) for card in re.findall(r'<section class="card">.*?</section>', text, re.S)]
    counts = []
    for (task, mistake), students in who.items():
        (card,) = [c for c in cards if c.words.strip().startswith(f"{mistake} in {task} ")]
        assert f"{len(students)} of 24" in card.words
        known = {m.name: m.hint for m in lesson.week(WEEK).task(task).mistakes}
        assert known[mistake] in card.words
        assert 1 <= [tag for tag, _ in card.tags].count("figure") <= 2
    counts = [int(m) for c in cards for m in re.findall(r"(\d+) of 24", c.words)[:1]]
    recognised = counts[: len(who)]
    assert recognised == sorted(recognised, reverse=True)
    assert len(set(recognised)) > 1
    climbs = next(c for c in cards if c.words.strip().startswith(f"climbs in {TASK}"))
    assert [tag for tag, _ in climbs.tags].count("svg") == 2
    assert "gradient_descent(lambda x:" in climbs.words
    assert "expected" in climbs.words


def test_who_needs_attention(lesson: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody who is in trouble, with the reason; nobody else."""
    week = lesson.week(WEEK)
    opened = Path.open

    def closed(self: Path, *how: Any, **more: Any) -> Any:
        if "student-0004" in self.parts:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return opened(self, *how, **more)

    hand_in(lesson, week, "student-0004", {TASK: "pass"})
    monkeypatch.setattr(Path, "open", closed)
    hand_in(lesson, week, "newcomer", {TASK: "pass"})
    hand_in(lesson, week, "student-0010", {TASK: "changed = True"})
    with Gradebook(f"sqlite:///{lesson.root}/gradebook.db", "gradient-descent") as gradebook:
        gradebook.add_student("absentee")
    (lesson.root / "records" / WEEK / "student-0011.json").write_text('{"graded": {"verdicts": 3}}')
    text = Page(page(lesson)).words
    part = text[text.index("Who needs attention") : text.index("What was earned")]
    for said in (
        "Not graded, through no fault of theirs (1) student-0002: no kernel could be started",
        "The record is damaged: grade again (1) student-0011",
        "Handed in, but not graded yet (1) newcomer",
        "Handed in again since (1) student-0010",
        "Could not be read (1) student-0000: the notebook file is empty",
        "Cannot be read now: see the file's permissions in submitted/ (1) student-0004",
        "The kernel died (1) student-0001: the kernel died (the code ended the process)",
        "Unusually slow (1) student-0004: 60 s, where 1.5 s is usual",
        "Cells missing, doubled or changed (1) student-0003: "
        "the cell test_descent_update is missing",
        "Nothing handed in (1) absentee",
    ):
        assert said in part
    assert not re.findall(r"student-00(?:0[5-9]|1[2-9]|2\d)", part)


def test_near_identical_work_is_grouped(lesson: Course) -> None:
    """Whatever names, comments and layout; names only if asked for; released code is nothing."""
    week = lesson.week(WEEK)
    code = {task: source(task, f"copied {task}") for task in week.task_names}
    renamed = {
        task: "# mine!\n" + text.replace("v0", "start").replace("arguments", "a") + "\n\n"
        for task, text in code.items()
    }
    hand_in(lesson, week, "student-0006", code)
    hand_in(lesson, week, "student-0009", renamed)
    with Gradebook(f"sqlite:///{lesson.root}/gradebook.db", "gradient-descent") as gradebook:
        cells = gradebook.find_notebook(week.notebook, WEEK).source_cells
        stubs = {c.name: c.source for c in cells if c.name in week.task_names}
    for k in (12, 13, 14):
        hand_in(lesson, week, f"student-00{k}", stubs)

    def part(**discretion: bool) -> str:
        text = Page(page(lesson, **discretion)).words
        return text[text.index("Near-identical") : text.index("About this run")]

    assert "2 submissions, 100 % alike or more" in part()
    assert part().count("% alike") == 1
    assert "student-" not in part()
    assert "2 submissions, 100 % alike or more: student-0006, student-0009" in part(names=True)


def test_the_shareable_page_names_nobody(lesson: Course) -> None:
    """No id, name or text of a student, nor any count below five; the plain page has all three."""
    week = lesson.week(WEEK)
    calls = draw(week, SEED)
    error = {"error": {"type": "ValueError", "message": "in /home/ada/x.py"}}
    seen = {t.name: Observed([t.expected(call) for call in calls[t.name]]) for t in week.tasks}
    seen[TASK] = Observed([{"text": "I am Ada Lovelace"} for _ in calls[TASK]])
    seen["basin"] = Observed([error for _ in calls["basin"]])
    for number in range(14):
        path = hand_in(lesson, week, f"other-{number}", {TASK: "pass"})
        record(lesson, week, f"other-{number}", seen, path, odd=-1 if number else 1)
    enrol(lesson, week, [f"other-{number}" for number in range(14)])
    with Gradebook(f"sqlite:///{lesson.root}/gradebook.db", "gradient-descent") as gradebook:
        gradebook.update_or_create_student("student-0004", first_name="Zoë", last_name="O'Brien")
    plain, shared = page(lesson, names=True), page(lesson, anonymous=True)
    for secret in ("student-0", "other-", "Zo\u00eb", "Ada Lovelace", "/home/ada", str(SEED)):
        assert secret in html.unescape(plain), secret
        assert secret not in html.unescape(shared), secret
    words = Page(shared).words
    assert f"fewer than {FEW}" in words
    assert not re.search(r"(?<![\d.])[0-4] (of \d|submissions)|\([0-4]\)|: [0-4]\.\s", words)
    of_many = [(int(a), int(b)) for a, b in re.findall(r"(\d+) of (\d+) \(", words)]
    assert len(of_many) > 10
    assert all(a >= FEW and b - a >= FEW for a, b in of_many)
    (about,) = re.findall(r'<desc id="scores-desc">(.*?)</desc>', shared)
    bars = [int(count) for count in re.findall(r"points, (\d+)", about)]
    assert len(bars) > 2
    assert min(bars) >= FEW


def test_a_class_too_small_to_share(course: Course) -> None:
    """Four people are not broken down at all."""
    attend(course, WEEK, 4, odd=False)
    words = Page(page(course, anonymous=True)).words
    assert "fewer than 5 submissions" in words
    assert "Too few submissions to show." in words
    assert not re.search(r"\d+ of \d+", words)
    assert "Median" not in words


def test_what_students_write_stays_text(lesson: Course) -> None:
    """An id, a name and a result with HTML in them do nothing in a browser."""
    week, evil = lesson.week(WEEK), "<img src=x onerror=alert(1)>"
    seen = {}
    for task in week.tasks:
        calls = draw(week, SEED)[task.name]
        seen[task.name] = Observed([{"text": evil, "names": [evil]} for _ in calls])
    path = hand_in(lesson, week, evil, {TASK: evil})
    record(lesson, week, evil, seen, path, odd=1)
    with Gradebook(f"sqlite:///{lesson.root}/gradebook.db", "gradient-descent") as gradebook:
        gradebook.update_or_create_student(evil, first_name=evil, last_name="</style>")
    for discretion in ({}, {"names": True}, {"anonymous": True}):
        text = page(lesson, **discretion)
        assert "<img" not in text
        assert not any(tag == "img" for tag, _ in Page(text).tags)
    assert evil in html.unescape(page(lesson))


def test_the_same_records_give_the_same_page(lesson: Course) -> None:
    """To the byte: nothing in it depends on when it was made."""
    assert page(lesson) == page(lesson)


@pytest.mark.parametrize("week", ["week1_slopes", "week3_descent_2d"])
def test_other_weeks(course: Course, week: str) -> None:
    """Slopes are drawn at their points, paths over contours, surfaces beside each other."""
    attend(course, week, 24)
    path, count = write_report(course.root, week)
    assert count == 24
    text = path.read_text("utf-8")
    kinds = ["Path over the contours", "Surface beside surface"]
    for kind in kinds if week == "week3_descent_2d" else ["Slope at the point"]:
        assert f">{kind}</title>" in text
    Page(text)


def test_a_thousand_students_in_seconds(
    course: Course, record_property: pytest.RecordProperty
) -> None:
    """The whole page, from the files."""
    attend(course, WEEK, 1000)
    started = time.process_time()
    path, count = write_report(course.root, WEEK)
    seconds = time.process_time() - started
    record_property("seconds", seconds)
    print(f"\n{count} students: {seconds:.1f} s, {path.stat().st_size / 1e6:.1f} MB")
    assert count == 1000
    assert seconds < 30
    assert path.stat().st_size < 5e6


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    (sentence,) = captured.err.splitlines()
    return sentence


def test_wrong_input_gives_a_sentence(
    course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing graded, an unknown week, options that contradict each other, no gradebook."""
    monkeypatch.chdir(course.root)
    assert main(["report", WEEK]) == 1
    assert f"run: autograder grade {WEEK}" in said(capsys)
    assert main(["report", "week2_decent"]) == 1
    assert "did you mean week2_descent?" in said(capsys)
    attend(course, WEEK, 2, odd=False)
    assert main(["report", WEEK, "--anonymous", "--names"]) == 1
    assert "contradict each other" in said(capsys)
    assert main(["report", WEEK, "--out", "elsewhere/page.html"]) == 0
    assert "2 submissions" in capsys.readouterr().out
    assert (course.root / "elsewhere" / "page.html").is_file()
    (course.root / "gradebook.db").unlink()
    assert main(["report", WEEK]) == 1
    assert f"nbgrader generate_assignment {WEEK}" in said(capsys)
    assert not (course.root / "gradebook.db").exists()
    assert not (course.root / "report").exists()


def test_reading_records_leaves_them_alone(lesson: Course) -> None:
    """A damaged one is named, not mended."""
    broken = lesson.root / "records" / WEEK / "student-0005.json"
    broken.write_text("{")
    found, damaged = read_records(lesson, WEEK)
    assert (len(found), damaged) == (23, ["student-0005"])
    assert broken.read_text() == "{"
    assert Path(lesson.root / "gradebook.db").exists()
