"""What makes a course one of ours: `plug_in(c)` in its ``nbgrader_config.py``.

Sets what the course has not set itself, and puts our steps among its own. Knows the names of
nbgrader's settings; it imports none of what it names, as this runs with every command.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from traitlets.config import Config, LazyConfigValue

__all__ = ["MERGED", "SETTINGS", "own_settings", "own_steps", "plug_in"]

_OURS = "autograder.plugins.preprocessors."
_FEEDBACK = "autograder.plugins.feedback."
_EXPORTERS = "autograder.plugins.exporters."
_STOCK = "nbgrader.preprocessors."
#: What a stock step is called among ours.
_INSTEAD_OF = {
    "ClearSolutions": "TaskStub",
    "OverwriteCells": "Mend",
    "Execute": "Grade",
    "SaveAutoGrades": "SaveVerdicts",
    "GetGrades": "ReadGrades",
}
#: Steps of nbgrader's commands, with ours among them. A course's own are put among these.
MERGED: dict[tuple[str, str], list[str]] = {
    ("GenerateAssignment", "preprocessors"): [
        _STOCK + "IncludeHeaderFooter",
        _STOCK + "InstantiateTests",
        _STOCK + "LockCells",
        _OURS + "TaskStub",
        _STOCK + "ClearOutput",
        _STOCK + "CheckCellMetadata",
        _STOCK + "ComputeChecksums",
        _STOCK + "SaveCells",
        _STOCK + "ClearHiddenTests",
        _STOCK + "ClearMarkScheme",
        _STOCK + "ComputeChecksums",
        _STOCK + "CheckCellMetadata",
        _OURS + "AddBadges",
        _OURS + "RecordDueDate",
        _OURS + "ReleaseModules",
    ],
    # Solutions may be committed: nothing in them may change from one run to the next. A print may
    # come from the kernel as one message or as two.
    ("GenerateSolution", "preprocessors"): [
        _STOCK + "IncludeHeaderFooter",
        _STOCK + "LockCells",
        _STOCK + "ClearOutput",
        _STOCK + "ClearMarkScheme",
        _STOCK + "Execute",
        "nbconvert.preprocessors.CoalesceStreamsPreprocessor",
    ],
    ("Autograde", "sanitize_preprocessors"): [_OURS + "Mend", _STOCK + "CheckCellMetadata"],
    ("Autograde", "autograde_preprocessors"): [
        _OURS + "Grade",
        _STOCK + "LimitOutput",
        _OURS + "SaveVerdicts",
        _STOCK + "AssignLatePenalties",
        _STOCK + "CheckCellMetadata",
    ],
    ("GenerateFeedback", "preprocessors"): [_FEEDBACK + "HideMarkScheme", _FEEDBACK + "ReadGrades"],
}
#: What is set where a course has not set it.
SETTINGS: dict[tuple[str, str], Any] = {
    ("CourseDirectory", "solution_directory"): "solutions",
    ("GenerateAssignment", "exporter_class"): _EXPORTERS + "AssignmentExporter",
    ("CoalesceStreamsPreprocessor", "enabled"): True,
    ("Execute", "record_timing"): False,
    ("Execute", "extra_arguments"): [
        "--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=40",
    ],
    # Solutions are generated anew; so is feedback, as pages older than the grades would stay.
    ("GenerateSolution", "force"): True,
    ("GenerateFeedback", "force"): True,
    # A mark scheme stands in the cell of the written answer.
    ("ClearMarkScheme", "enforce_metadata"): False,
    ("Autograde", "exporter_class"): _EXPORTERS + "SubmissionExporter",
    ("GenerateFeedback", "exporter_class"): _EXPORTERS + "PageExporter",
    # A submission on formgrader's page: formulas without a network, and nothing that could run.
    ("HTMLExporter", "preprocessors"): ["autograder.pages.formgrader.Passive"],
    ("HTMLExporter", "filters"): {
        "markdown2html": "autograder.pages.formgrader.markdown",
        "highlight_code": "autograder.pages.formgrader.code",
        "ansi2html": "autograder.pages.formgrader.printed",
        "strip_files_prefix": "autograder.pages.formgrader.as_it_is",
    },
    # Work that was put in by hand keeps nobody else from their feedback.
    ("ExchangeFactory", "release_feedback"): "autograder.plugins.handback.ReleaseFeedback",
    ("ExportApp", "plugin_class"): "autograder.lms.exports.CsvExport",
    # Archives of submissions from Canvas and Moodle; see docs/lms.md.
    ("ZipCollectApp", "extractor_plugin"): "autograder.lms.collect.SafeExtractor",
    ("ZipCollectApp", "collector_plugin"): "autograder.lms.collect.LmsCollector",
}  # fmt: skip
#: nbgrader's own, and Python texts: none of ``source/`` may reach the release but by
#: `ReleaseModules`, which knows which may, nor one of a student's the graded folder.
_IGNORED = [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"]


def plug_in(c: Config) -> None:
    """Make a course one of ours (called by its ``nbgrader_config.py``, after its own settings).

    Parameters
    ----------
    c : Config
        What the course has set stays, and its own steps keep their place among ours. They run in
        nbgrader's commands; `autograder grade` has its own way and doesn't run them.
    """
    for (section, name), ours in MERGED.items():
        c[section][name] = _merged(_steps(c, section, name), ours)
    for (section, name), value in SETTINGS.items():
        if name not in c[section]:
            c[section][name] = value
    ignored = c.CourseDirectory.get("ignore", _IGNORED)
    ignored = ignored.get_value(_IGNORED) if isinstance(ignored, LazyConfigValue) else ignored
    c.CourseDirectory.ignore = [*ignored, *({"*.py"} - set(ignored))]
    if "extra_template_basedirs" not in c.HTMLExporter:
        nbgrader = find_spec("nbgrader")
        assert nbgrader is not None
        c.HTMLExporter.extra_template_basedirs = [
            str(Path(__file__).parents[1] / "pages" / "templates"),
            *(f"{p}/server_extensions/formgrader/templates"
              for p in nbgrader.submodule_search_locations or ()),
        ]  # fmt: skip


def own_settings(c: Config) -> list[str]:
    """What a course has set itself, as ``Section.name``."""
    return sorted(f"{section}.{name}" for section in c for name in c[section])


def own_steps(c: Config) -> dict[str, list[str]]:
    """A course's own steps in nbgrader's commands, by setting."""
    found = {
        f"{section}.{name}": [_text(s) for s in _steps(c, section, name) if not _is_stock(s)]
        for section, name in MERGED
    }
    return {setting: steps for setting, steps in found.items() if steps}


def _steps(c: Config, section: str, name: str) -> Sequence[Any]:
    """The steps that a course has set; none where it has not."""
    if name not in c[section]:
        return ()
    value = c[section][name]
    if isinstance(value, LazyConfigValue):  # something was appended to nbgrader's own list
        from nbgrader import converters

        stock = getattr(converters, section).class_traits()[name].default()
        value = value.get_value(stock)
    return list(value)


def _merged(theirs: Iterable[Any], ours: Sequence[str]) -> list[Any]:
    """Ours, with what a course has put among nbgrader's steps at the place that it has there."""
    made: list[Any] = list(ours)
    at = 0
    for step in theirs:
        name = _last(step)
        name = _INSTEAD_OF.get(name, name)
        place = next((k for k in range(at, len(made)) if _last(made[k]) == name), None)
        if place is not None:
            at = place + 1
        elif not _is_stock(step) and step not in made:
            made.insert(at, step)
            at += 1
    return made


def _is_stock(step: Any) -> bool:
    return _text(step).startswith(("nbgrader.", "nbconvert.", "autograder."))


def _last(step: Any) -> str:
    return _text(step).rpartition(".")[2]


def _text(step: Any) -> str:
    """A step's name; it may be set as a class."""
    return step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"
