"""Nothing has changed since a run has ended: the same run again need do nothing, and says the same.

After a run it keeps digests of all that decided on it and of all that it wrote. While they are the
same, everybody would be found unchanged; that is told without loading the week, the gradebook or
what opens them. Where anything cannot be told by its bytes alone, there is no such note, and a run
looks at everybody. Knows files; it judges nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from traitlets.config import Config, PyFileConfigLoader

from autograder.errors import AutograderError
from autograder.grading.claims import Alone
from autograder.grading.glance import at_a_glance, hashed
from autograder.grading.requires import requires

__all__ = ["Standstill", "at_the_start", "said_again", "written"]

#: Settings with which more decides than lies in the course folder, or lies elsewhere in it.
_ELSEWHERE = {
    "CourseDirectory": ("root", "db_url", "directory_structure"),
    "AssignLatePenalties": ("plugin_class",),
}


@dataclass(frozen=True)
class Standstill:
    """A run that has ended, and by what it is known that nothing has changed since."""

    #: What the same run says if nothing has changed.
    said: str
    #: See `at_the_start`.
    start: str
    #: The submissions as they were when they were read, and against what.
    seen: Mapping[str, str]
    against: str
    #: The graded copies.
    copies: tuple[str, ...]
    #: See `written`: when the run ended, while nobody else could write.
    end: str

    def keep(self, root: Path, week: str) -> None:
        """Keep it, if all of it could be told, and if there is room; it only saves time."""
        if self.start and self.end and all(self.seen.values()):
            with contextlib.suppress(OSError):
                _path(root, week).write_text(json.dumps(asdict(self)), "utf-8")

    def holds(self, root: Path, week: str, folders: Iterable[tuple[str, Path]]) -> bool:
        """Whether nothing has changed, given that nothing has of what the run started with."""
        now = {who: at_a_glance(folder, self.against) for who, folder in folders}
        return (
            written(root, week) == self.end
            and all(Path(copy).is_file() for copy in self.copies)
            and all(now.get(who) == before for who, before in self.seen.items())
        )


def said_again(root: Path, week: str, asked: Sequence[object]) -> str | None:
    """What a run says that finds nothing changed; None if it has to look itself.

    Parameters
    ----------
    root : Path
        The course folder.
    week : str
    asked : sequence
        The options that decide on a verdict, or on whether there is one.
    """
    root = root.resolve()
    try:
        last = Standstill(**json.loads(_path(root, week).read_text("utf-8")))
        with contextlib.closing(Alone(root)):
            config = PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()
            if at_the_start(root, week, config, asked) != last.start:
                return None
            return last.said if last.holds(root, week, _folders(root, week, config)) else None
    except AutograderError:
        raise
    except Exception:  # whatever it is, the run itself has better words for it
        return None


def at_the_start(root: Path, week: str, config: Config, asked: Sequence[object]) -> str:
    """A digest of all that a run only reads; ``""`` if that cannot be told by what lies there."""
    elsewhere = any(name in config[part] for part, names in _ELSEWHERE.items() for name in names)
    try:
        return "" if elsewhere else _digest(_read_only(root, week, config, asked))
    except (OSError, ImportError, ValueError):
        return ""


def _read_only(root: Path, week: str, config: Config, asked: Sequence[object]) -> Iterator[object]:
    source = root / str(config.CourseDirectory.get("source_directory", "source")) / week
    if not (notes := at_a_glance(source, "")):
        raise OSError(f"{source} cannot be told at a glance")
    yield from (root, sys.version, asked, notes)
    yield from ((section, dict(config[section])) for section in sorted(config) if config[section])
    yield [name for name in requires(source / "reference.py") if not find_spec(name)]
    yield [who for who, _ in _folders(root, week, config)]
    around = [root / str(config.IncludeHeaderFooter.get(name, "")) for name in ("header", "footer")]
    code = [*Path(__file__).parents[1].rglob("*.py"), *root.glob("*.py"), *around]
    yield from (hashed(path) for path in sorted(code))


def _folders(root: Path, week: str, config: Config) -> list[tuple[str, Path]]:
    parent = root / str(config.CourseDirectory.get("submitted_directory", "submitted"))
    folders = parent.iterdir() if parent.is_dir() else ()
    found = ((folder.name, folder / week) for folder in folders)
    return sorted((who, folder) for who, folder in found if folder.is_dir())


def written(root: Path, week: str) -> str:
    """A digest of the gradebook and the records; ``""`` if somebody may be writing."""
    gradebook = root / "gradebook.db"
    if not gradebook.is_file() or any(root.glob(f"{gradebook.name}-*")):
        return ""
    records = sorted((root / "records" / week).glob("*.json"))
    paths = [gradebook, root / "records" / "due_dates.json", *records]
    return _digest([part for path in paths for part in (path.name, hashed(path))])


def _digest(parts: Iterable[object]) -> str:
    return hashlib.sha256(repr(list(map(str, parts))).encode(errors="surrogateescape")).hexdigest()


def _path(root: Path, week: str) -> Path:
    return root / "records" / f".unchanged-{week}"
