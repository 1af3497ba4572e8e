"""Tables line up, whatever is in them, and nothing in them can steer a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from examples import quick
from hypothesis import given
from hypothesis import strategies as st

from autograder.terminal import Progress, printable, table

names = st.text(max_size=12) | st.sampled_from(
    ["日本語", "ｆｕｌｌ", "e\u0301te\u0301", "\x1b[2J", "a\tb\n", "\u202egnp.exe", "😀", "\ud800"]
)


def columns(text: str) -> int:
    """Columns on a terminal: two for wide characters, none for combining ones."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


# --- Text for a terminal -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ('O\'Brien, "Bo" \\ =1+1', 'O\'Brien, "Bo" \\ =1+1'),
        ("Zoë λ 日本 😀", "Zoë λ 日本 😀"),
        ("a\nb\r\n", "a\\nb\\r\\n"),
        ("a\tb", "a\\tb"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x00\x07\x08\x7f", "\\x00\\x07\\x08\\x7f"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\u200b\ufeff", "\\u200b\\ufeff"),
        ("\ud800", "\\ud800"),
        ("", ""),
    ],
    ids=ascii,
)
def test_what_could_steer_a_terminal_is_spelled_out(text: str, shown: str) -> None:
    """Escapes, bells, line ends and reversals become visible; letters of any script stay."""
    assert printable(text) == shown


@quick
@given(st.text(st.characters()))
def test_printable_text_is_one_line_that_can_be_written(text: str) -> None:
    """Always printable, on one line, in UTF-8; and what is printable is left alone."""
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")
    assert printable(shown) == shown


# --- Tables --------------------------------------------------------------------------------


def test_a_table_is_aligned_under_its_header() -> None:
    """Two spaces between columns, a rule under the header, no spaces at line ends."""
    rows = [["ada", "12", "late"], ["bartholomew", "3", ""]]
    assert table(["student", "points", "note"], rows) == (
        "student      points  note\n"
        "───────────  ──────  ────\n"
        "ada          12      late\n"
        "bartholomew  3"
    )


def test_a_table_without_rows_is_its_header() -> None:
    """Nothing to show is no error."""
    assert table(["a", "bc"], []) == "a  bc\n─  ──"


def test_wide_and_combining_characters_take_the_columns_they_take() -> None:
    """Chinese counts double, an accent of its own nothing."""
    lines = table(["name", "p"], [["日本語", "1"], ["e\u0301te\u0301", "2"], ["abcdef", "3"]])
    starts = [columns(line[:-1]) for line in lines.split("\n")[2:]]
    assert starts == [8, 8, 8]


def test_a_variation_selector_takes_no_column() -> None:
    """An emoji in a name does not push the row to the right."""
    plain, emoji = (table(["n", "p"], [[name, "1"]]) for name in ("\u26a0", "\u26a0\ufe0f"))
    assert plain == emoji.replace("\ufe0f", "")


def test_rows_may_come_from_a_generator() -> None:
    """They are gone through once."""
    assert table(["n"], ([str(k)] for k in range(3))) == "n\n─\n0\n1\n2"


@quick
@given(st.integers(1, 4).flatmap(
    lambda n: st.tuples(
        st.lists(names, min_size=n, max_size=n),
        st.lists(st.lists(names, min_size=n, max_size=n), max_size=4),
    )
))  # fmt: skip
def test_every_cell_starts_under_its_header(
    content: tuple[list[str], list[list[str]]],
) -> None:
    """Whatever names are shown: as many lines as rows, columns where they belong."""
    header, rows = content
    lines = table(header, rows).split("\n")
    assert len(lines) == len(rows) + 2
    assert all(line.isprintable() for line in lines)
    widths = [len(rule) for rule in lines[1].split("  ")] if lines[1].strip() else []
    cells = [[printable(cell) for cell in row] for row in (header, *rows)]
    if not widths or 0 in widths:
        return
    for line, row in zip([lines[0], *lines[2:]], cells, strict=True):
        padded = "  ".join(c + " " * (w - columns(c)) for c, w in zip(row, widths, strict=True))
        assert line == padded.rstrip()


# --- Progress ------------------------------------------------------------------------------


def test_progress_without_a_terminal_is_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a step on stderr: how many of how many, which, how fast, how long still."""
    with Progress(2, "grading") as progress:
        progress.step("ada")
        progress.step("bo\x1b[2J")
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("[1/2] ada  (")
    assert first.endswith(" s left)")
    assert second.startswith("[2/2] bo\\x1b[2J  (")
    assert second.endswith("/s, 0 s left)")


def test_progress_on_a_terminal_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the name of the work, on stderr, cleared at the end."""
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with Progress(3, "grading") as progress:
        progress.step("ada\x1b[2J")
    shown = terminal.getvalue()
    assert "grading" in shown
    assert "\x1b[2J" not in shown
    assert "[1/3]" not in shown
