"""What fuzzers share: how many examples, what they are made of, and what each may cost.

In CI a few examples that are always the same; `AUTOGRADER_EXAMPLES=5000 pytest -k fuzz` takes so
many others of each kind.
"""

from __future__ import annotations

import gc
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

_EXAMPLES = int(os.environ.get("AUTOGRADER_EXAMPLES", "0"))


def fuzzed(few: int) -> settings:
    """`few` examples, or as many as were asked for."""
    return settings(
        max_examples=_EXAMPLES or few,
        deadline=None,
        derandomize=not _EXAMPLES,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def uncollected() -> Iterator[None]:
    """What other tests have left behind is not collected on this one's account."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def within(seconds: float, megabytes: int) -> Iterator[None]:
    """Fail if what is done takes more of the processor's time, or of memory never used before."""
    with uncollected():
        before, began = _peak(), time.process_time()
        yield
        used, more = time.process_time() - began, _peak() - before
    assert used < seconds, f"{used:.1f} s"
    assert more < megabytes, f"{more} MB"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000


def runs(tokens: list[str], longest: int, most: int = 4) -> st.SearchStrategy[str]:
    """Texts of few pieces, each of them repeated: what regular expressions suffer from."""
    piece = st.tuples(st.sampled_from(tokens), st.integers(1, longest))
    return st.lists(piece, max_size=most).map(
        lambda pieces: "".join(token * count for token, count in pieces)[:longest]
    )


#: What a file may be called: by luck, or by design.
names = st.one_of(
    st.text(min_size=1, max_size=30),
    st.sampled_from(
        ["week.ipynb", "timestamp.txt", "a.zip", "numpy.py", "1.moved", "-rf", "x" * 250,
         "\x1b[2J", "a\nb", ".hidden", "__MACOSX", "\udcff", "*", "[x]", "submission_secret.txt"]
    ),
)  # fmt: skip
_contents = st.binary(max_size=40) | st.sampled_from([b"{", b"\xff\xfe", b"PK\x03\x04", b"9" * 50])
#: A folder: by name, a folder, the bytes of a file, or what is made there instead.
trees: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(
        names, _contents | st.sampled_from(["link", "loop", "pipe", "deep"]), max_size=4
    ),
    lambda inner: st.dictionaries(names, inner | _contents, max_size=4),
    max_leaves=8,
)


def grow(folder: Path, tree: dict[str, Any], aim: Path, mode: int = 0o700) -> None:
    """Make what a tree says, as far as the file system takes it; links lead to `aim`."""
    for name, what in tree.items():
        path = folder / name.replace("/", "_").replace("\0", "_")
        with suppress(OSError, UnicodeEncodeError):
            if isinstance(what, dict):
                path.mkdir(exist_ok=True)
                grow(path, what, aim, mode)
            elif isinstance(what, bytes):
                path.write_bytes(what)
                path.chmod(mode & 0o600)
            elif what == "pipe":
                os.mkfifo(path)
            elif what == "deep":
                deepen(path, 300)
            else:
                path.symlink_to(aim if what == "link" else path)
    with suppress(OSError):
        folder.chmod(mode)


def deepen(path: Path, levels: int) -> None:
    """Folders in folders, by steps: no path is as long."""
    path.mkdir()
    here = os.open(path, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d" * 20, dir_fd=here)
        below = os.open("d" * 20, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
