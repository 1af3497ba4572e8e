"""`autograder doctor`: each thing is all right, or says what to do."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import ROOT

from autograder.commands import doctor as module
from autograder.commands.doctor import Finding, doctor, examine


@pytest.mark.kernel
def test_a_machine_that_can_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {finding.what: finding for finding in examine(ROOT)}
    assert not [f for f in found.values() if f.remedy and not f.optional]
    assert {"Python", "torch", "files (Landlock)", "a kernel", "weeks", "exchange"} <= found.keys()


def test_what_is_missing_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """No protection, no program, no course: three lines, and the exit status says it."""
    monkeypatch.setattr(module, "missing_protection", lambda: ["There is no box here."])
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    monkeypatch.setattr(module, "_kernel", lambda: iter(()))
    assert doctor(tmp_path) == 1
    said = capsys.readouterr().out
    assert "✗ protection: There is no box here.; grade elsewhere" in said
    assert "✗ alembic on the path: not found; activate the environment" in said
    assert "is not a course folder" in said
    assert "Not ready" in said


def test_what_is_optional_keeps_nobody_from_grading(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def one(root: Path) -> list[Finding]:
        return [Finding("jax", "not installed", "for week 5: pip install jax", optional=True)]

    monkeypatch.setattr(module, "examine", one)
    assert doctor(ROOT) == 0
    assert "· jax: not installed; for week 5" in capsys.readouterr().out


def test_little_memory_says_how_many_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_available_memory", lambda: 3_100_000_000)
    monkeypatch.setattr(module, "processors", lambda: 4)
    (memory,) = [f for f in module._resources() if f.what == "memory"]
    assert "--jobs 1" in memory.remedy


def test_a_full_disk_below_the_course_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only below the temporary files: the first graded copy would end the run."""
    monkeypatch.setattr(module.shutil, "disk_usage", lambda place: SimpleNamespace(free=10_000))
    room = next(iter(module._course(ROOT)))
    assert room.what == "room in the course's folder"
    assert "make room" in room.remedy
