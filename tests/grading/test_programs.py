"""What JAX compiles for everybody is compiled once, by trusted code, and read by all."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.grading.programs import single_operations
from autograder.kernels.kernel import open_kernel
from autograder.kernels.limits import Limits
from autograder.kernels.orders import available


def test_only_single_operations_are_kept() -> None:
    """No loop, and nothing under a name that the notebook's own functions may have."""
    kept = ["jit_add-1f-cache", "jit_dynamic_slice-2e-cache"]
    others = [
        "jit_gradient_descent_jax-3d-cache", "jit_scan-4c-cache", "jit_while-5b-cache",
        "jit__lambda-6a-cache", "jit_stack-70-cache", "jit_sin-81-cache", "jit_where-92-cache",
        "pmap_add-a3-cache",
    ]  # fmt: skip
    code = (
        "import jax.numpy as where\ndef f():\n    def stack(x):\n        return x\n    sin = stack"
    )
    assert list(single_operations(iter([*others, *kept]), code)) == kept
    assert list(single_operations(iter(kept), "%magic")) == []


def test_they_are_for_this_machine_alone(tmp_path: Path) -> None:
    """Their folder is named to no worker elsewhere."""
    limits = Limits(programs=str(tmp_path), fills=True)
    assert Limits.from_json(limits.to_json()) == Limits()


WORK = """
import jax, jax.monitoring
events = []
jax.monitoring.register_event_listener(lambda event, **more: events.append(event))
print(float(jax.numpy.sqrt(jax.numpy.float32(9)) * 2))
print('/jax/compilation_cache/cache_hits' in events)
"""
CHANGE = """
import os
jax.config.update('jax_persistent_cache_min_compile_time_secs', 0)
(one, *_) = os.listdir(FOLDER)
os.chmod(FOLDER, 0o777)  # does nothing, and says nothing
for attempt in (
    lambda: open(f'{FOLDER}/mine', 'w'),
    lambda: open(f'{FOLDER}/{one}', 'r+'),
    lambda: os.unlink(f'{FOLDER}/{one}'),
    lambda: os.truncate(f'{FOLDER}/{one}', 0),
    lambda: os.rename('mine', f'{FOLDER}/{one}'),
    lambda: os.symlink('/', f'{FOLDER}/mine'),
):
    open('mine', 'w').close()
    try:
        attempt()
        print('changed')
    except OSError:
        pass
print(float(jax.numpy.tanh(jax.numpy.float32(0)) * 5))
"""


@pytest.mark.kernel
@pytest.mark.skipif(not available(), reason="warm kernels need Linux")
def test_a_kernel_reads_them_and_cannot_change_them(tmp_path: Path) -> None:
    """What one kernel compiled, another finds; the folder stays as it was whatever it tries."""
    pytest.importorskip("jax")
    said = []
    mode = tmp_path.stat().st_mode & 0o777
    for fills in (True, False):
        limits = Limits(packages=("jax",), programs=str(tmp_path), fills=fills)
        with open_kernel(limits) as kernel:
            said.append("".join(output.get("text", str(output)) for output in kernel.run(WORK)))
            if fills:
                before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
                continue
            tried = kernel.run(f"FOLDER = {str(tmp_path)!r}\n{CHANGE}")
    assert said == ["6.0\nFalse\n", "6.0\nTrue\n"]
    assert before
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert tmp_path.stat().st_mode & 0o777 == mode
    texts = [output.get("text", str(output)) for output in tried if output.get("name") != "stderr"]
    assert texts == ["0.0\n"]
