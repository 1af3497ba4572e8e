"""What the site shows beside the texts in `docs/`: the course to read, the project's own pages, help.

Writes `docs/course/` (released notebooks with the instructor's pictures, without solutions) and
`docs/project/` anew on every build. Neither is committed.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent

#: The project's own pages, by where the site has them.
PAGES = {
    "project/architecture.md": "ARCHITECTURE.md",
    "project/security.md": "SECURITY.md",
    "project/contributing.md": "CONTRIBUTING.md",
    "project/changelog.md": "CHANGELOG.md",
    "project/hub.md": "examples/hub/README.md",
}
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")


def gather() -> None:
    """Write all that is not in `docs/` itself."""
    for folder in ("course", "project"):
        shutil.rmtree(DOCS / folder, ignore_errors=True)
    for release in sorted((ROOT / "release").glob("*/*.ipynb")):
        target = DOCS / "course" / release.parent.name / release.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(_with_pictures(release)), "utf-8")
    for page, source in PAGES.items():
        target = DOCS / page
        target.parent.mkdir(parents=True, exist_ok=True)
        text = linked((ROOT / source).read_text("utf-8"), ROOT / source, target)
        target.write_text(text, "utf-8")
    (DOCS / "project" / "commands.md").write_text(_commands(), "utf-8")


def _with_pictures(release: Path) -> dict[str, Any]:
    """A released notebook, with what the solved one's figure cells show."""
    notebook = json.loads(release.read_text("utf-8"))
    solved_path = ROOT / "solutions" / release.parent.name / release.name
    solved = json.loads(solved_path.read_text("utf-8")) if solved_path.exists() else {"cells": []}
    shown = {cell["id"]: cell.get("outputs", []) for cell in solved["cells"]}
    for cell in notebook["cells"]:
        if "figure" in cell["metadata"].get("tags", ()):
            pictures = [o for o in shown.get(cell["id"], ()) if "image/png" in o.get("data", {})]
            cell["outputs"] = pictures
            cell["metadata"]["tags"].append("hide-input")
    return notebook


def linked(text: str, source: Path, page: Path) -> str:
    """A page's links, as the site has what they lead to; else their words alone."""

    def found(match: re.Match[str]) -> str:
        words, target, anchor = match[1], match[2], match[3] or ""
        if re.match(r"[a-z]+:", target):
            return match[0]
        place = (source.parent / target).resolve()
        site = _on_site(place)
        if site is None:
            return words
        up = "../" * len(page.relative_to(DOCS).parent.parts)
        return f"[{words}]({up}{site}{anchor})"

    return _LINK.sub(found, text)


def _on_site(place: Path) -> str | None:
    """Where the site has a file of the repository, relative to `docs/`."""
    if not place.is_relative_to(ROOT):
        return None
    name = str(place.relative_to(ROOT))
    for page, source in PAGES.items():
        if name in (source, str(Path(source).parent)):
            return page
    if name.startswith("release/") and place.suffix == ".ipynb":
        return name.replace("release/", "course/", 1)
    if name == "README.md":
        return "index.md"
    if name == "docs/decisions":
        return "decisions/index.md"
    return name.removeprefix("docs/") if name.startswith("docs/") and place.is_file() else None


def _commands() -> str:
    """The help of every command."""
    from autograder.commands.arguments import _COMMANDS, parser

    names = [command.__name__.strip("_") for command in _COMMANDS]
    made = parser(dict.fromkeys(names, lambda arguments: 0))
    made.prog = "autograder"
    parts = ["# Commands\n", "What `--help` prints.\n", f"```text\n{made.format_help()}```\n"]
    for action in made._subparsers._group_actions if made._subparsers else ():
        for name, command in (action.choices or {}).items():
            parts.append(f"## autograder {name}\n\n```text\n{command.format_help()}```\n")
    return "\n".join(parts)
