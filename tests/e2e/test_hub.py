"""A course on one machine: a week from release to feedback, and what students cannot reach.

Real accounts of the machine, with passwords, in the Hub of `examples/hub`; so it needs root. The
first run installs the Hub's environment into `hub.ENVIRONMENT`, which takes minutes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from hub import ENVIRONMENT, Hub, Person, running_hub
from playwright.sync_api import BrowserContext, Page, expect

from autograder.demo import Sample, fill

pytestmark = pytest.mark.hub

WEEK, NOTEBOOK = "week2_descent", "week2_descent/descent.ipynb"
GRADER = "/services/gradient-descent/formgrader"
SOURCE = Path(__file__).parents[2] / "source" / NOTEBOOK
CLIMBS = """
def gradient_descent(f, x0, lr, n_steps):
    x = torch.tensor(float(x0), dtype=torch.float64)
    path = [x.item()]
    for _ in range(n_steps):
        x = x.detach().requires_grad_()
        f(x).backward()
        x = x + lr * x.grad
        path.append(x.item())
    return path
"""


@pytest.fixture(scope="module")
def hub(artefacts: Path) -> Iterator[Hub]:
    """With Ada, who teaches, and two students, Ben and Cleo, all logged in."""
    if os.geteuid() != 0:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("a Hub with accounts of their own needs root, which makes and removes them")
    with running_hub(students=["ben", "cleo"], instructors=["ada"]) as hub:
        try:
            for person in hub.people.values():
                person.log_in()
            for student in "ben", "cleo":
                hub.people[student].start_server()
            yield hub
        finally:
            (artefacts / "hub.log").write_text(hub.log)


def feedback(hub: Hub, student: str) -> str:
    """The page that a student fetches and opens."""
    person = hub.people[student]
    person.post(
        f"{person.mine}/assignments/fetch_feedback",
        course_id="gradient-descent",
        assignment_id=WEEK,
    )
    listed = person.get(f"{person.mine}/assignments?course_id=gradient-descent")["value"]
    (handed_in,) = [entry for entry in listed if entry["status"] == "submitted"]
    (submission,) = handed_in["submissions"]
    assert submission["has_local_feedback"]
    page = person.ask(
        "GET", f"{person.mine}/files/{submission['local_feedback_path']}/descent.html"
    )
    assert page.ok
    return page.text


def test_a_week_from_release_to_feedback(hub: Hub) -> None:
    """By formgrader and Assignment List, each under the account of whoever presses the button."""
    ada, ben, cleo = (hub.people[name] for name in ("ada", "ben", "cleo"))
    ada.post(f"{GRADER}/api/assignment/{WEEK}/assign")
    ada.post(f"{GRADER}/api/assignment/{WEEK}/release")

    asked = {"course_id": "gradient-descent", "assignment_id": WEEK}
    for student, cells in (ben, {}), (cleo, {"gradient_descent": CLIMBS}):
        student.post(f"{student.mine}/assignments/fetch", **asked)
        released = student.get(f"{student.mine}/api/contents/{NOTEBOOK}")["content"]
        solved = fill(nbformat.from_dict(released), nbformat.read(SOURCE, 4), Sample("", "", cells))
        saved = student.ask(
            "PUT",
            f"{student.mine}/api/contents/{NOTEBOOK}",
            json={"type": "notebook", "content": json.loads(solved)},
        )
        assert saved.ok
    checked = ben.post(f"{ben.mine}/assignments/validate", path=NOTEBOOK)["value"]
    assert checked == {}
    for student in ben, cleo:
        student.post(f"{student.mine}/assignments/submit", **asked)
    # Later than Ben, and under his name: unless it is known whose it is, it takes the place of his.
    said = cleo.run(
        "import json, subprocess\n"
        f"done = subprocess.run(['nbgrader', 'submit', '{WEEK}', '--student', '{ben.name}'])\n"
        "print(json.dumps(done.returncode))"
    )
    assert said == 0

    collected = ada.post(f"{GRADER}/api/assignment/{WEEK}/collect")["log"]
    assert f"it says that it is by {ben.name}, but belongs to {cleo.name}" in collected
    for student in ben, cleo:
        ada.post(f"{GRADER}/api/submission/{WEEK}/{student.name}/autograde")
    ada.post(f"{GRADER}/api/assignment/{WEEK}/generate_feedback")
    ada.post(f"{GRADER}/api/assignment/{WEEK}/release_feedback")

    scored = {
        row["student"]: row["code_score"] for row in ada.get(f"{GRADER}/api/submissions/{WEEK}")
    }
    assert scored == {ben.name: 20, cleo.name: 7}
    assert "climbs" in feedback(hub, "cleo")
    assert "climbs" not in feedback(hub, "ben")
    # Nothing of it was done as root, the students' code least of all.
    files = [hub.data / "course", *(hub.data / "course").rglob("*")]
    assert {path.owner() for path in files} == {hub.name}


#: Run in a student's own kernel: what happens at each path, and who listens on TCP as somebody.
LOOK = """
import json, os
paths, uid = json.loads({asked!r})
said = {{}}
for path in paths:
    try:
        said[path] = str(len(os.listdir(path) if os.path.isdir(path) else open(path, "rb").read()))
    except OSError as error:
        said[path] = type(error).__name__
rows = [row.split() for name in ("tcp", "tcp6") for row in open(f"/proc/net/{{name}}")]
listening = sum(row[3] == "0A" and row[7] == str(uid) for row in rows)
print(json.dumps([said, listening]))
"""


def test_what_a_student_cannot_read(hub: Hub) -> None:
    """Tried as Cleo, in her own kernel: the other's work, the course, the exchange, the Hub."""
    ada, ben, cleo = (hub.people[name] for name in ("ada", "ben", "cleo"))
    course, exchange = hub.data / "course", hub.data / "exchange" / "gradient-descent"
    (handed_in,) = exchange.glob(f"inbound/{ben.name}+*")
    (server,) = (p for p in Path("/proc").glob("[0-9]*") if _is_server(p, ben.name))
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
        # Their names can't be guessed, and can't be listed.
        exchange / "inbound",
        exchange / "feedback",
        *ENVIRONMENT.glob("lib/python*/site-packages/autograder/sample_class"),
        # With the tokens of the Hub and of a server in them.
        Path(f"/proc/{hub.process}/environ"),
        server / "environ",
    ]
    assert [path for path in closed if not path.exists()] == []
    open_to_all = [cleo.home / NOTEBOOK, exchange / "outbound" / NOTEBOOK]

    ben.run("print(1)")  # so that a kernel of his is there to be listened to
    paths = [str(path) for path in closed + open_to_all]
    said, listening = cleo.run(LOOK.format(asked=json.dumps([paths, ben.home.stat().st_uid])))
    assert {path: said[str(path)] for path in closed} == dict.fromkeys(closed, "PermissionError")
    assert all(said[str(path)].isdigit() for path in open_to_all)
    assert listening == 1  # his server, which asks for a token; not his kernel, which wouldn't
    assert handed_in.owner() == ben.name


def test_where_a_student_cannot_go(hub: Hub) -> None:
    """With a token that may do all that Cleo may do; the same address is open to whose it is."""
    ada, ben, cleo = (hub.people[name] for name in ("ada", "ben", "cleo"))
    for person, address in [
        (ada, f"{GRADER}/manage_assignments"),
        (ada, f"{GRADER}/api/submissions/{WEEK}"),
        (ada, GRADER.replace("formgrader", "api/contents/source")),
        (ben, f"{ben.mine}/api/contents/{NOTEBOOK}"),
        (ben, f"{ben.mine}/api/kernels"),
        (ben, f"/hub/api/users/{ben.name}"),
    ]:
        assert person.ask("GET", address).status_code == 200, address
        assert cleo.ask("GET", address).status_code in (403, 404), address
    for address in "/hub/api/users", "/hub/api/proxy":
        assert cleo.ask("GET", address).status_code == 403, address
    assert cleo.ask("POST", f"/hub/api/users/{ben.name}/tokens", json={}).status_code in (403, 404)
    # In her own server there is no formgrader at all. Nor does it come with teaching.
    assert cleo.ask("GET", f"{cleo.mine}/formgrader").status_code == 404
    # Straight to his server, past the proxy, and to what the proxy is told.
    hers = cleo.run(
        "import json, os, re, requests\n"
        "token = {'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']}\n"
        "said = {}\n"
        "for name in '/proc/net/tcp',:\n"
        "    for row in open(name):\n"
        "        state = row.split()[3]\n"
        "        if state != '0A': continue\n"
        "        port = int(row.split()[1].rpartition(':')[2], 16)\n"
        f"        for path in '{ben.mine}/api/contents', '/api/routes', '{GRADER}/api/assignments':\n"
        "            try: said[f'{port}{path}'] = requests.get(f'http://127.0.0.1:{port}{path}', headers=token, timeout=5, allow_redirects=False).status_code\n"
        "            except requests.RequestException: pass\n"
        "print(json.dumps(said))"
    )
    assert hers
    assert 200 not in hers.values(), hers


def _is_server(process: Path, name: str) -> bool:
    """Whether a process is the Jupyter server of an account."""
    try:
        return (
            process.owner() == name
            and b"jupyterhub-singleuser" in (process / "cmdline").read_bytes()
        )
    except (OSError, KeyError):
        return False


def test_what_people_see(hub: Hub, context: BrowserContext, artefacts: Path) -> None:
    """Cleo's Lab has the list of assignments and no formgrader; Ada finds formgrader at the Hub."""
    cleo, ada = hub.people["cleo"], hub.people["ada"]
    page = context.new_page()
    _log_in(page, hub, cleo)
    page.wait_for_url("**/lab**")
    menu = page.get_by_role("menuitem", name="Nbgrader")
    menu.click()
    expect(page.get_by_text("Assignment List", exact=True)).to_be_visible()
    expect(page.get_by_text("Formgrader", exact=True)).to_have_count(0)
    page.get_by_text("Assignment List", exact=True).click()
    expect(page.get_by_text(WEEK).first).to_be_visible()
    page.screenshot(path=artefacts / "hub-student.png")
    page.goto(f"{hub.address}{GRADER}/manage_assignments")
    page.screenshot(path=artefacts / "hub-student-formgrader.png")

    context.clear_cookies()
    _log_in(page, hub, ada)
    page.goto(f"{hub.address}/hub/home")
    page.screenshot(path=artefacts / "hub-home.png")
    page.goto(f"{hub.address}{GRADER}/manage_submissions/{WEEK}")
    expect(page.get_by_text(cleo.name).first).to_be_visible()
    page.screenshot(path=artefacts / "hub-formgrader.png")


def _log_in(page: Page, hub: Hub, person: Person) -> None:
    page.goto(f"{hub.address}/hub/login")
    page.get_by_label("Username").fill(person.name)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
