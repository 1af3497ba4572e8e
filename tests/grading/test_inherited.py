"""A fault that comes from another task's function is not blamed on the one that calls it."""

from __future__ import annotations

from conftest import ROOT
from corpus import namespace, restored

from autograder.grading.course import Course
from autograder.grading.judged import judge_all
from autograder.grading.stages import draw
from autograder.kernels.driver import Observed
from autograder.marking.judge import Verdict
from autograder.observation.callees import callees
from autograder.observation.observe import observe_call

COURSE = Course(ROOT)


def verdicts(week: str, code: str) -> dict[str, Verdict]:
    """What becomes of a notebook that holds this code, as the kernel would see it."""
    loaded = COURSE.week(week)
    questions, seen = draw(loaded, 0), {}
    with restored():
        names = namespace(uses_jax=False)
        exec(compile(code, "<notebook>", "exec"), names)
        for task in loaded.task_names:
            if task not in names:
                seen[task] = Observed(reason=f"{task} is not defined")
                continue
            observations = [observe_call(names[task], c.to_json()) for c in questions[task]]
            observations[0]["names"] = callees(names[task], names)
            seen[task] = Observed(observations)
    return {verdict.task: verdict for verdict in judge_all(loaded, questions, seen)}


FUSE = """
def fuse(m, P, z, R):
    K = P / (P + R)
    return m + K * (z - m), (1 + K) * P

def update(belief, z, Q, R):
    return fuse(belief[0], belief[1] + Q, z, R)

def kalman_1d(zs, m0, P0, Q, R):
    beliefs = [(m0, P0)]
    for z in zs:
        beliefs.append(update(beliefs[-1], z, Q, R))
    return np.array(beliefs[1:])
"""


def test_a_fault_inherited_through_a_helper_is_said_to_be_inherited() -> None:
    """`kalman_1d` is right; its helper calls a wrong `fuse`."""
    found = verdicts("week6_kalman", FUSE)
    assert [m.name for m in found["fuse"].mistakes] == ["variance grows"]
    reasons = {c.reason for c in found["kalman_1d"].criteria}
    assert reasons == {"It calls your fuse, which is not right yet: mend that first."}
    assert found["kalman_1d"].mistakes == ()


NEWTON = """
def hessian(f, v):
    return torch.diag(torch.diag(torch.autograd.functional.hessian(f, torch.tensor(v))))

def newton(f, v0, n_steps):
    v = torch.tensor(v0)
    H = torch.autograd.functional.hessian(f, v)
    path = [v]
    for _ in range(n_steps):
        v = v - torch.linalg.solve(H, torch.func.grad(f)(v))
        path.append(v)
    return torch.stack(path)
"""


def test_a_librarys_function_of_the_same_name_is_not_the_students() -> None:
    """`newton` is wrong by itself, and told so, although the student's `hessian` is wrong too."""
    found = verdicts("week4_curvature", NEWTON)
    assert [m.name for m in found["hessian"].mistakes] == ["mixed derivatives missing"]
    assert [m.name for m in found["newton"].mistakes] == ["H frozen at the start"]
    assert not any("It calls your" in c.reason for c in found["newton"].criteria)
