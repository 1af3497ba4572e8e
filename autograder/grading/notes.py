"""A week's marking notes, ``reference.py``, as a module: run, and its tasks taken out.

It is the instructor's own code, and a fault in it is told with its line. Knows tasks; no
notebooks, no course.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from autograder.errors import CourseError, TaskError
from autograder.grading.requires import misnamed, requires
from autograder.marking.clock import timed
from autograder.marking.places import place_of
from autograder.marking.task import Task

__all__ = ["imported", "tasks_of"]


def imported(reference: Path) -> ModuleType:
    """A week's marking notes; empty ones, if they import a package that they say they need.

    Raises
    ------
    CourseError, TaskError
        If they fail, with the line.
    """
    name = f"_reference_{reference.parent.name}"
    spec = importlib.util.spec_from_file_location(name, reference)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # Nothing may be written beside the source: what lies there can be released.
    wrote, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        # What they print is for the instructor: what the command says may be read by a program.
        with contextlib.redirect_stdout(sys.stderr), timed(f"{reference} was imported", 5):
            spec.loader.exec_module(module)
    except TaskError:
        raise
    except (Exception, SystemExit) as error:
        required = requires(reference)
        if isinstance(error, ModuleNotFoundError) and error.name in required:
            module = ModuleType(name)  # the week is skipped, and says so
            vars(module).update(REQUIRES=required)
            return module
        said = f"{reference} fails at {place_of(error)}: {type(error).__name__}: {error}"
        if isinstance(error, ModuleNotFoundError):
            said += (
                "; marking notes stand alone: what lies beside them is for students and kernels"
                if reference.with_name(f"{error.name}.py").is_file()
                else f'; install it, and write REQUIRES = ("{error.name}",) into reference.py: '
                "then the week is skipped where it is missing"
            )
        raise CourseError(said) from error
    finally:
        sys.dont_write_bytecode = wrote
    if wrong := misnamed(getattr(module, "REQUIRES", ())):
        raise CourseError(f"{reference}: {wrong}")
    return module


def tasks_of(reference: Path, notes: ModuleType) -> Sequence[Task]:
    """What the notes define as ``TASKS``.

    Raises
    ------
    CourseError
        If that is no list of tasks.
    """
    if notes.__spec__ is None:  # a package is missing
        return []
    tasks = getattr(notes, "TASKS", None)
    if (
        not isinstance(tasks, (list, tuple))
        or not tasks
        or not all(isinstance(t, Task) for t in tasks)
    ):
        raise CourseError(
            f"{reference} must define TASKS, a list of Task(...); a week of written answers alone "
            "has no reference.py"
        )
    names = [task.name for task in tasks]
    if "<lambda>" in names:
        raise CourseError(
            f"{reference}: a task's reference is written as def name(...), not lambda"
        )
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CourseError(f"{reference}: two tasks are called {', '.join(twice)}")
    return list(tasks)
