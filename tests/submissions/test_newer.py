"""Code for a newer Python is told from code that is wrong."""

from __future__ import annotations

import sys
import time

import pytest

from autograder.submissions.newer import written_for

F_STRINGS = [
    'f"{d["a"]}"',
    "f'{d['a']}'",
    'f"{f"{x}"}"',
    'f"{", ".join(names)}: {total:.2f}"',
    'f"{"\\n".join(names)}"',
    'f"{x # a note\n}"',
    'f"{(lambda y: y["a"])(d)!r:>{width}} {{not a field}}"',
    'f"it\'s {d["it\'s"]}"  # it\'s',
    'rf"{d["a"]}\\d"',
    'print("plain", f"{ {k: v for k, v in d.items()}["a"] }")',
    '!pip install x\nprint(f"{d["a"]}")',
    'def f(d):\n    """Docs."""\n    return f"{d["a"]}"',
]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="is Python here")
@pytest.mark.parametrize("source", F_STRINGS)
def test_quotes_in_an_f_string_are_python_3_12(source: str) -> None:
    """Since then a field may hold the quotes of its string, backslashes and comments."""
    assert written_for(source) == "3.12"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="is Python here")
@pytest.mark.parametrize(
    "source", ["type Point = tuple[float, float]", "def f[T](x: T) -> T:\n    return x",
               "class A[T]:\n    pass"],
)  # fmt: skip
def test_type_parameters_are_python_3_12(source: str) -> None:
    """And the ``type`` statement."""
    assert written_for(source) == "3.12"


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="is Python here")
@pytest.mark.parametrize(
    "source", ['t"a {x}"', "try:\n    f()\nexcept KeyError, ValueError:\n    0"]
)
def test_template_strings_are_python_3_14(source: str) -> None:
    """And exceptions without brackets."""
    assert written_for(source) == "3.14"


@pytest.mark.parametrize(
    "source",
    [
        "x = 1", 'f"{x:.2f}"', "%matplotlib inline\nx = 1", "x = !ls", "", "# words",
        "def f(x)\n    return x", "x = = 2", "print 3", "  x = 1", "foo(1", 'f"{d["a]}"',
        'f"{d["a"]', 'f"{d["a"]}" = = 3', "f'{'", '"', "if x:\n    f'{d['a']}'\n  y", 'f"{x y}"',
        "def f(x):\n    return f\"{d[\"a\"]}\"\n\ndef g(x)\n    return 1",
    ],
)  # fmt: skip
def test_what_is_python_here_or_nowhere_is_for_no_other_version(source: str) -> None:
    """A slip stays a slip, also beside what would be right elsewhere."""
    assert written_for(source) == ""


@pytest.mark.parametrize(
    "source",
    [
        'f"{' * 20_000, '"a"' * 20_000 + '"', "f'{a}'" * 12_000 + " = =", "'" * 99_999,
        "x = f'" + "{a:{b:{c}}}" * 8_000, "f'{" + "! " * 40_000, " " * 99_000 + "x = = 2",
        "x = =" + " " * 90_000, "a? " * 30_000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_long_texts_take_no_longer_than_their_length(source: str) -> None:
    """Hostile ones as well."""
    started = time.process_time()
    assert written_for(source) == ""
    assert time.process_time() - started < 5
