"""Whatever was made in a folder, it is counted or counts as too much, and it can be removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.kernels import folders
from autograder.kernels.folders import Uncountable, measure, remove


def deep(folder: Path, levels: int, name: str = "d") -> None:
    """Folders within folders, by steps: the path may be longer than the system takes."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def test_files_are_counted_at_every_level(tmp_path: Path) -> None:
    """Each once, folders and links included, and nothing behind a link."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "large").write_bytes(bytes(100_000))
    (tmp_path / "link").symlink_to("/usr")
    used, files = measure(tmp_path, 100)
    assert files == 4
    assert 100_000 <= used < 200_000


def test_a_path_longer_than_the_system_takes_is_counted(tmp_path: Path) -> None:
    deep(tmp_path, 40, "n" * 200)
    assert measure(tmp_path, 100)[1] == 41
    remove(tmp_path)


def test_counting_ends_where_there_is_too_much(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / str(number)).touch()
    assert measure(tmp_path, 10)[1] == 11


def test_what_lies_too_deep_is_too_much(tmp_path: Path) -> None:
    deep(tmp_path, 1500)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(Uncountable, match="nested"):
        measure(tmp_path, 5000)
    assert len(os.listdir("/proc/self/fd")) == before
    remove(tmp_path)


def test_a_folder_that_cannot_be_opened_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an ordinary user finds one of mode 0."""
    (tmp_path / "closed").mkdir()
    opened = os.open

    def refusing(path: str, *args: int, **kwargs: int) -> int:
        if path == "closed":
            raise PermissionError
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(folders.os, "open", refusing)
    with pytest.raises(Uncountable):
        measure(tmp_path, 100)


@pytest.mark.parametrize("mode", [0, 0o300, 0o400, 0o700])
def test_a_tree_of_any_mode_and_depth_is_removed(tmp_path: Path, mode: int) -> None:
    top = tmp_path / "kernel"
    top.mkdir()
    deep(top, 1500)
    (top / "x" / "y").mkdir(parents=True)
    for name in ("1.moved", "2.moved", "x/1.moved"):  # as if it knew what becomes of it
        (top / name / "inner").mkdir(parents=True)
    (top / "x" / "y" / "file").touch()
    (top / "x" / "y" / "link").symlink_to("/")
    os.mkfifo(top / "x" / "pipe")
    for path in (top / "x" / "y", top / "x", top):
        path.chmod(mode)
    remove(top)
    assert not top.exists()


def test_removing_follows_no_link(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    (tmp_path / "kernel").mkdir()
    (tmp_path / "kernel" / "way").symlink_to(precious)
    remove(tmp_path / "kernel")
    assert (precious / "file").exists()
    (tmp_path / "way").symlink_to(precious)
    precious.chmod(0o750)
    remove(tmp_path / "way")
    assert (precious / "file").exists()
    assert precious.stat().st_mode & 0o777 == 0o750
