"""A course on one machine: a week from release to feedback, and what students cannot reach.

Real accounts of the machine, with passwords, in the Hub of `examples/hub`; so it needs root. The
first run installs the Hub's environment into `hub.ENVIRONMENT`, which takes minutes.
"""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hub import ENVIRONMENT, Hub, Person, running_hub
from playwright.sync_api import Page, expect

from autograder.commands.demo import class_of, fill

pytestmark = pytest.mark.hub

COURSE, WEEK, NOTEBOOK = "gradient-descent", "week2_descent", "week2_descent/descent.ipynb"
ASKED = {"course_id": COURSE, "assignment_id": WEEK}
#: The course's own server.
SERVICE = f"/services/{COURSE}"
GRADER = f"{SERVICE}/formgrader"
SOURCE = Path(__file__).parents[2] / "source" / NOTEBOOK


@pytest.fixture(scope="module")
def hub(artefacts: Path) -> Iterator[Hub]:
    """With Ada, who teaches, and two students, Ben and Cleo."""
    if os.geteuid() != 0:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("only root can make accounts, and start servers for them")
    with running_hub(students=["ben", "cleo"], instructors=["ada"]) as hub:
        try:
            yield hub
        finally:
            (artefacts / "hub.log").write_text(hub.log)


@pytest.fixture(scope="module")
def pages(hub: Hub) -> dict[str, str]:
    """Feedback, as each student fetched it at the end of the week; Ben's work is right, Cleo's not.

    Each step is what a button of Assignment List, of Validate or of formgrader sends.
    """
    ada, ben, cleo = people(hub)
    ada.post(f"{GRADER}/api/assignment/{WEEK}/assign")
    ada.post(f"{GRADER}/api/assignment/{WEEK}/release")

    samples = {sample.student: sample for sample in class_of(WEEK)}
    for student, sample in (ben, samples["s01-perfect"]), (cleo, samples["s03-climbs"]):
        student.post(f"{student.mine}/assignments/fetch", **ASKED)
        released = student.get(f"{student.mine}/api/contents/{NOTEBOOK}")["content"]
        solutions = nbformat.read(SOURCE, as_version=4)
        solved = fill(nbformat.from_dict(released), solutions, sample)
        saved = {"type": "notebook", "content": json.loads(solved)}
        assert student.ask("PUT", f"{student.mine}/api/contents/{NOTEBOOK}", json=saved).ok
    # Validate says what is wrong with it: nothing.
    assert ben.post(f"{ben.mine}/assignments/validate", path=NOTEBOOK)["value"] == {}
    for student in ben, cleo:
        student.post(f"{student.mine}/assignments/submit", **ASKED)
    # Under Ben's name and later than his own; nbgrader would take it for his.
    forge = ["nbgrader", "submit", WEEK, "--student", ben.name]
    assert cleo.run(f"import subprocess; print(subprocess.run({forge}).returncode)") == 0

    collected = ada.post(f"{GRADER}/api/assignment/{WEEK}/collect")["log"]
    assert f"it says that it is by {ben.name}, but belongs to {cleo.name}" in collected
    for student in ben, cleo:
        ada.post(f"{GRADER}/api/submission/{WEEK}/{student.name}/autograde")
    ada.post(f"{GRADER}/api/assignment/{WEEK}/generate_feedback")
    ada.post(f"{GRADER}/api/assignment/{WEEK}/release_feedback")
    return {"ben": fetched(ben), "cleo": fetched(cleo)}


def people(hub: Hub) -> list[Person]:
    return [hub.people[name] for name in ("ada", "ben", "cleo")]


def fetched(student: Person) -> str:
    """The page that a student fetches and opens."""
    student.post(f"{student.mine}/assignments/fetch_feedback", **ASKED)
    listed = student.get(f"{student.mine}/assignments?course_id={COURSE}")["value"]
    (path,) = (
        submission["local_feedback_path"]
        for assignment in listed
        for submission in assignment.get("submissions", [])
        if submission["has_local_feedback"]
    )
    page = student.ask("GET", f"{student.mine}/files/{path}/descent.html")
    assert page.ok
    return page.text


def test_a_week_from_release_to_feedback(hub: Hub, pages: dict[str, str]) -> None:
    """Everybody is graded, reads their own feedback, and nothing was done as root."""
    ada, ben, cleo = people(hub)
    graded = ada.get(f"{GRADER}/api/submissions/{WEEK}")
    assert {row["student"]: row["code_score"] for row in graded} == {ben.name: 20, cleo.name: 7}
    recognised = "The gradient points uphill, so this walks up; step against it."
    assert recognised in pages["cleo"]
    assert recognised not in pages["ben"]
    files = [hub.data / "course", *(hub.data / "course").rglob("*")]
    assert {path.owner() for path in files} == {hub.name}


#: For a student's own kernel: what happens at each path and, with the token that it was started
#: with, at each address.
LOOK = """
import json, os, requests
paths, addresses = json.loads({asked!r})
token = {{"Authorization": "token " + os.environ["JUPYTERHUB_API_TOKEN"]}}
said = {{}}
for path in paths:
    try:
        said[path] = len(os.listdir(path) if os.path.isdir(path) else open(path, "rb").read())
    except OSError as error:
        said[path] = type(error).__name__
for address in addresses:
    answer = requests.get(address, headers=token, allow_redirects=False, timeout=10)
    said[address] = answer.status_code
print(json.dumps(said))
"""


def look(student: Person, paths: list[Path], addresses: list[str]) -> dict[str, Any]:
    asked = json.dumps([[str(path) for path in paths], addresses])
    return dict(student.run(LOOK.format(asked=asked)))


@pytest.mark.usefixtures("pages")
def test_what_a_student_cannot_read(hub: Hub) -> None:
    """Tried as Cleo, in her own kernel: the other's work, the course, the exchange, the Hub."""
    _, ben, cleo = people(hub)
    course, exchange = hub.data / "course", hub.data / "exchange" / COURSE
    server, port = ben.server()
    closed = [
        ben.home,
        ben.home / NOTEBOOK,
        *(ben.home / WEEK / "feedback").rglob("*.html"),
        *(ben.home / ".local/share/jupyter/nbgrader_cache").rglob("submission_secret.txt"),
        course,
        course / "nbgrader_config.py",
        course / "gradebook.db",
        course / "source" / WEEK / "reference.py",
        course / "source" / NOTEBOOK,
        course / "solutions" / NOTEBOOK,
        course / "records" / WEEK / f"{ben.name}.json",
        *(course / part / ben.name / NOTEBOOK for part in ("submitted", "autograded")),
        course / "feedback" / ben.name / WEEK / "descent.html",
        hub.data / "home",
        hub.data / "hub" / "jupyterhub.sqlite",
        hub.data / "hub" / "cookie_secret",
        # What lies here has names that can't be guessed; and they can't be listed.
        exchange / "inbound",
        exchange / "feedback",
        *ENVIRONMENT.glob("lib/python*/site-packages/autograder/commands/sample_class"),
        # With tokens in them.
        Path(f"/proc/{hub.process}/environ"),
        Path(f"/proc/{server}/environ"),
    ]
    assert len(closed) == 22
    assert [path for path in closed if not path.exists()] == []
    hers = cleo.home / NOTEBOOK
    ben.run("print(0)")  # has a kernel now
    direct = f"http://127.0.0.1:{port}{ben.mine}/api/contents"
    past = [f"http://127.0.0.1:{hub.ports['proxy']}/api/routes", direct]

    said = look(cleo, [*closed, hers], past)
    assert {path: said[str(path)] for path in closed} == dict.fromkeys(closed, "PermissionError")
    assert said[str(hers)] == hers.stat().st_size
    assert [said[address] for address in past] == [403, 403]
    # Over TCP a kernel would show all that it is told and says to whoever listens.
    (connection,) = (ben.home / ".local/share/jupyter/runtime").glob("kernel-*.json")
    assert json.loads(connection.read_text())["transport"] == "ipc"


@pytest.mark.usefixtures("pages")
def test_what_a_student_cannot_move(hub: Hub) -> None:
    """Nor put another's submission, or the whole exchange, out of the way: whatever its name."""
    _, ben, cleo = people(hub)
    exchange = hub.data / "exchange" / COURSE
    # By its owner: Cleo's own, under his name, lies there as well.
    (his,) = (p for p in exchange.glob(f"inbound/{ben.name}+*") if p.owner() == ben.name)
    for path in his, exchange / "inbound", exchange:
        tried = f"""
            import json, os
            try:
                print(json.dumps(os.rename({str(path)!r}, {f"{path}-away"!r})))
            except OSError as error:
                print(json.dumps(type(error).__name__))
        """
        assert cleo.run(textwrap.dedent(tried)) == "PermissionError", path


@pytest.mark.usefixtures("pages")
def test_where_a_student_cannot_go(hub: Hub) -> None:
    """With a token for all that Cleo may do. The same address is open to whose it is."""
    ada, ben, cleo = people(hub)
    for person, address in [
        (ada, f"{GRADER}/manage_assignments"),
        (ada, f"{GRADER}/api/submissions/{WEEK}"),
        (ada, f"{SERVICE}/api/contents/source"),
        (ben, f"{ben.mine}/api/contents/{NOTEBOOK}"),
        (ben, f"{ben.mine}/api/kernels"),
        (ben, f"/hub/api/users/{ben.name}"),
    ]:
        assert person.ask("GET", address).status_code == 200, address
        assert cleo.ask("GET", address).status_code in (403, 404), address
    for address in "/hub/api/users", "/hub/api/groups", "/hub/api/proxy":
        # Nobody is the Hub's administrator, not even who teaches.
        assert [p.ask("GET", address).status_code for p in (ada, cleo)] == [403, 403], address
    assert cleo.ask("POST", f"/hub/api/users/{ben.name}/tokens", json={}).status_code in (403, 404)
    # In a server of one's own there is no formgrader at all.
    assert cleo.ask("GET", f"{cleo.mine}/formgrader").status_code == 404


@pytest.mark.usefixtures("pages")
def test_what_people_see(hub: Hub, page: Page, artefacts: Path) -> None:
    """Cleo's Lab lists her assignments and has no formgrader; Ada finds formgrader at the Hub."""
    ada, _, cleo = people(hub)
    log_in(page, cleo, f"{cleo.mine}/lab")
    page.get_by_role("menuitem", name="Nbgrader").click()
    assignments = page.get_by_text("Assignment List", exact=True)
    expect(assignments).to_be_visible()
    expect(page.get_by_text("Formgrader", exact=True)).to_have_count(0)
    assignments.click()
    page.screenshot(path=artefacts / "hub-student.png")
    page.get_by_text("(view feedback)").click()
    page.get_by_role("listitem", name="descent.html").dblclick()
    feedback = page.frame_locator("iframe")
    expect(feedback.get_by_text("climbs").first).to_be_visible()
    page.screenshot(path=artefacts / "hub-feedback.png")
    page.goto(f"{hub.address}{GRADER}/manage_assignments")
    expect(page.get_by_text("You do not have permission").first).to_be_visible()
    page.screenshot(path=artefacts / "hub-student-formgrader.png")

    page.context.clear_cookies()
    log_in(page, ada, "/hub/home")
    page.get_by_role("button", name="Services").click()
    page.screenshot(path=artefacts / "hub-home.png")
    page.get_by_role("link", name=COURSE).click()
    formgrader = page.frame_locator("iframe")
    expect(formgrader.get_by_role("link", name=WEEK)).to_be_visible(timeout=30_000)
    page.screenshot(path=artefacts / "hub-formgrader.png")


def log_in(page: Page, person: Person, path: str) -> None:
    """As one does who was sent to the form from `path`."""
    page.goto(f"{person.hub.address}/hub/login?next={path}")
    page.get_by_label("Username").fill(person.name)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{path}**")


@pytest.mark.usefixtures("pages")
def test_who_leaves_is_out(hub: Hub) -> None:
    """Ada, taken out of her group, is let in no more, neither with a token nor with the password.

    The last test, as nobody can undo that.
    """
    ada = hub.people["ada"]
    assert ada.ask("GET", "/hub/api/user").ok
    subprocess.run(["gpasswd", "--delete", ada.name, f"{hub.name}-instructors"], check=True)
    deadline = time.monotonic() + 10
    while ada.ask("GET", "/hub/api/user").status_code != 403:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    with pytest.raises(AssertionError, match="cannot log in"):
        ada.log_in()
