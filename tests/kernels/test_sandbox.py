"""What the sandbox stops: every attack fails inside it, and succeeds outside.

Each attack is code that a submission could contain; it prints HARM when it got
what it wanted, or `harmed` looks for the damage from outside. Running it without
the box too shows that the test can fail.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.kernels import landlock, quota, sandbox, syscalls, warm
from autograder.kernels.kernel import Kernel
from autograder.kernels.limits import Limits
from autograder.kernels.sandbox import Box, missing_protection

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.skipif(bool(missing_protection()), reason="; ".join(missing_protection())),
]

#: Small, so that an attack need not be large.
BOX = Box(memory_bytes=1_500_000_000, file_bytes=10_000_000, disk_bytes=20_000_000, files=300)


@dataclass
class World:
    """What a submission could harm."""

    folder: Path
    process: subprocess.Popen[bytes]
    listener: socket.socket
    datagrams: socket.socket
    unix: socket.socket

    def names(self) -> str:
        """The world as Python, for the attacking code."""
        values = {
            "FOLDER": str(self.folder),
            "PID": self.process.pid,
            "TGKILL": syscalls.NUMBERS[syscalls.machine()]["tgkill"],
            "TCP": self.listener.getsockname()[1],
            "UDP": self.datagrams.getsockname()[1],
        }
        return "\n".join(f"{name} = {value!r}" for name, value in values.items())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    for name in ("reference.py", "gradebook.db", "submitted/ada/w1/w1.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("secret")
    with contextlib.ExitStack() as stack:
        neighbour = subprocess.Popen(["sleep", "60"], env={"TOKEN": "secret"})
        stack.callback(neighbour.wait)
        stack.callback(neighbour.kill)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(0.2)
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(str(tmp_path / "socket"))
        unix.listen()
        yield World(tmp_path, neighbour, tcp, udp, unix)


def run(box: Box | None, *cells: str, seconds: float = 10.0) -> tuple[str, str]:
    """Run cells in a fresh kernel; what they printed or raised, and how the kernel died."""
    said = ""
    with warm.warm_kernel(box) as (process, client):
        kernel = Kernel(process, client, Limits(cell_seconds=seconds))
        for cell in cells:
            for output in kernel.run(cell):
                said += "".join(output.get(key, "") for key in ("text", "ename", "evalue"))
        return said, kernel.died and process.why_it_died()


PRELUDE = """
import ctypes, os, socket, time
libc = ctypes.CDLL(None, use_errno=True)
fork = ctypes.PyDLL(None).fork  # keeps the interpreter's lock, which a child could not get back
def unix_address(name):
    return b"\\x01\\x00" + name.encode() + b"\\0"
"""

# --- attacks that say themselves whether they got through -----------------------------------

ATTACKS = {
    "reads the reference": "assert open(FOLDER + '/reference.py').read() == 'secret'",
    "reads the gradebook": "assert open(FOLDER + '/gradebook.db').read()",
    "lists the submissions": "assert os.listdir(FOLDER + '/submitted')",
    "reads another submission": "assert open(FOLDER + '/submitted/ada/w1/w1.ipynb').read()",
    "reads by a symlink": "os.symlink(FOLDER, 'way'); assert open('way/reference.py').read()",
    "reads by a hard link": "os.link(FOLDER + '/reference.py', 'it'); assert open('it').read()",
    "reads by /proc/self/root": "assert open('/proc/self/root' + FOLDER + '/reference.py').read()",
    "imports from the course": (
        "import sys; sys.path.insert(0, FOLDER)\n"
        "open(FOLDER + '/reference.py')\nimport importlib.util\n"
        "assert importlib.util.find_spec('reference')"
    ),
    "imports the judge": "import autograder.marking.judge",
    "reads a process's environment": "assert b'TOKEN' in open(f'/proc/{PID}/environ','rb').read()",
    "reads the parent's environment": "assert open(f'/proc/{os.getppid()}/environ','rb').read()",
    "reads a command line": "assert open(f'/proc/{PID}/cmdline','rb').read()",
    "opens a process's memory": "open(f'/proc/{PID}/mem','rb')",
    "connects by TCP": "socket.create_connection(('127.0.0.1', TCP), timeout=2)",
    "listens on TCP": "socket.create_server(('127.0.0.1', 0))",
    "resolves a name": "socket.gethostbyname('localhost')",
    "connects to a foreign unix socket": """
        s = socket.socket(socket.AF_UNIX)
        address = unix_address(FOLDER + '/socket')
        assert libc.connect(s.fileno(), address, len(address)) == 0
    """,
    "makes a socket that others could find": """
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.expanduser('~/socket'))
    """,
    "asks netlink for the interfaces": "socket.socket(16, socket.SOCK_RAW, 0)",
    "starts a program": "import subprocess; subprocess.run(['true'], check=True)",
    "starts a program behind Python's back": "assert libc.system(b'true') == 0",
    "starts a program by posix_spawn": """
        pid = ctypes.c_int()
        argv = (ctypes.c_char_p * 2)(b'true', None)
        assert libc.posix_spawn(ctypes.byref(pid), b'/bin/true', None, None, argv, None) == 0
        os.waitpid(pid.value, 0)
    """,
    "forks and forks": """
        children = []
        for _ in range(50):
            pid = fork()
            if pid == 0:
                time.sleep(30); os._exit(0)
            if pid > 0:
                children.append(pid)
        for pid in children:
            os.kill(pid, 9); os.waitpid(pid, 0)
        assert children
    """,
    "takes 6 GB": "import numpy; numpy.zeros(750_000_000)",
    "takes 6 GB of shared memory": "import mmap; mmap.mmap(-1, 6_000_000_000)",
    "takes memory by a torch tensor": "import torch; torch.empty(750_000_000, dtype=torch.double)",
    "writes one large file": "open('large', 'wb').write(bytes(30_000_000))",
    "writes into /dev/shm": "open(f'/dev/shm/autograder-{os.getpid()}', 'w').close(); "
    "os.unlink(f'/dev/shm/autograder-{os.getpid()}')",
    "writes into /tmp": "import tempfile; tempfile.NamedTemporaryFile(dir='/tmp').write(b'x')",
    "keeps a file in flight between its own ends": """
        a, b = socket.socketpair()
        socket.send_fds(a, [b'x'], [os.open('f', os.O_CREAT | os.O_RDWR)])
    """,
    "opens a thousand files": "files = [open('/dev/null') for _ in range(1000)]",
    "makes shared memory that outlives it": """
        identity = libc.shmget(0, 4096, 0o1600)
        assert identity >= 0
        libc.shmctl(identity, 0, None)
    """,
    "makes a file in memory": "os.memfd_create('x')",
    "traces a neighbour": """
        attached = libc.ptrace(16, PID, None, None)
        libc.ptrace(17, PID, None, None)
        assert attached == 0
    """,
    "reads a neighbour's memory": """
        import struct
        start = int(open(f'/proc/{PID}/maps').readline().split('-')[0], 16)
        into = ctypes.create_string_buffer(4)
        here = struct.pack('PN', ctypes.addressof(into), 4)
        assert libc.process_vm_readv(PID, here, 1, struct.pack('PN', start, 4), 1, 0) == 4
    """,
    "changes a neighbour's limits": """
        import resource
        resource.prlimit(PID, resource.RLIMIT_CORE, (0, 0))
    """,
    "slows a neighbour down": "os.setpriority(os.PRIO_PROCESS, PID, 19)",
    "moves a neighbour": "os.sched_setaffinity(PID, {0})",
    "signals everyone": "os.kill(-1, 0)",
    "signals its parent": "os.kill(os.getppid(), 0)",
    "signals its group": "os.killpg(os.getpgid(0), 0)",
    "has the kernel signal a neighbour": """
        import fcntl
        a, b = socket.socketpair()
        fcntl.fcntl(a, fcntl.F_SETOWN, PID)
    """,
    "makes a device": "os.mknod('pipe', 0o10600)",
    "becomes someone else": "assert libc.setresgid(*[os.getgid()] * 3) == 0",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_fails_in_the_box_and_succeeds_without(attack: str, world: World) -> None:
    code = f"{PRELUDE}{world.names()}\n{textwrap.dedent(ATTACKS[attack])}\nprint('HARM')"
    said, died = run(BOX, code)
    assert "HARM" not in said
    assert said, "it failed for a reason that is not shown"
    assert not died
    said, died = run(None, code)
    assert said.endswith("HARM\n"), said
    assert not died


# --- attacks whose damage is seen from outside ------------------------------------------------


def written(world: World) -> bool:
    return (world.folder / "gradebook.db").read_text() != "secret"


def gone(world: World) -> bool:
    return not (world.folder / "gradebook.db").exists()


def opened_up(world: World) -> bool:
    return (world.folder / "gradebook.db").stat().st_mode & 0o777 == 0o777


def backdated(world: World) -> bool:
    return (world.folder / "gradebook.db").stat().st_mtime < 1000


def received(world: World) -> bool:
    with contextlib.suppress(TimeoutError):
        return bool(world.datagrams.recv(100))
    return False


def killed(world: World) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return world.process.wait(0.2) == -signal.SIGKILL
    return False


def written_later(world: World) -> bool:
    later, ends = world.folder / "later", time.monotonic() + 1.5
    while not later.exists() and time.monotonic() < ends:
        time.sleep(0.05)
    return later.exists()


DAMAGE: dict[str, tuple[str, Callable[[World], bool]]] = {
    "rewrites the gradebook": ("open(FOLDER + '/gradebook.db', 'w').write('10')", written),
    "truncates the gradebook": ("libc.truncate((FOLDER + '/gradebook.db').encode(), 0)", written),
    "truncates by opening": (
        "os.close(os.open(FOLDER + '/gradebook.db', os.O_RDONLY | os.O_TRUNC))",
        written,
    ),
    "deletes the gradebook": ("os.unlink(FOLDER + '/gradebook.db')", gone),
    "moves the gradebook": ("os.rename(FOLDER + '/gradebook.db', FOLDER + '/x')", gone),
    "opens the gradebook to all": ("os.chmod(FOLDER + '/gradebook.db', 0o777)", opened_up),
    "backdates the gradebook": ("os.utime(FOLDER + '/gradebook.db', (1, 1))", backdated),
    "sends by UDP": (
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', UDP))",
        received,
    ),
    "kills a neighbour": ("os.kill(PID, 9)", killed),
    "kills a neighbour by tgkill": ("libc.syscall(TGKILL, PID, PID, 9)", killed),
    "kills a neighbour by pidfd": (
        "import signal; signal.pidfd_send_signal(os.pidfd_open(PID), 9)",
        killed,
    ),
    "leaves a process that writes later": (
        "if fork() == 0:\n"
        "    libc.setsid()\n"
        "    time.sleep(0.6)\n"
        "    open(FOLDER + '/later', 'w').close()\n"
        "    os._exit(0)",
        written_later,
    ),
}


@pytest.mark.parametrize("attack", DAMAGE)
def test_damage_is_done_only_without_the_box(attack: str, world: World) -> None:
    code, harmed = DAMAGE[attack]
    code = f"{PRELUDE}{world.names()}\n{code}"
    run(BOX, code)
    assert not harmed(world)
    run(None, code)
    assert harmed(world)


# --- attacks for which the kernel dies ------------------------------------------------------

LETHAL = {
    "fills the disk with many files": (
        "for i in range(5):\n    open(f'f{i}', 'wb').write(bytes(9_000_000))",
        "the code made more than 20 MB of files",
    ),
    "fills the disk with deleted files": (
        "files = [open(f'f{i}', 'wb') for i in range(5)]\n"
        "for i, f in enumerate(files):\n"
        "    f.write(bytes(9_000_000)); f.flush(); os.unlink(f'f{i}')",
        "the code made more than 20 MB of files",
    ),
    "fills the disk with deleted files that are mapped": (
        "libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, "
        "ctypes.c_long]\n"
        "for i in range(5):\n"
        "    with open(f'f{i}', 'w+b') as f:\n"
        "        f.write(bytes(9_000_000)); f.flush()\n"
        "        assert libc.mmap(None, 4096, 1, 1, f.fileno(), 0) != -1\n"
        "    os.unlink(f'f{i}')",  # no descriptor is left: Python's own mapping keeps one
        "the code made more than 20 MB of files",
    ),
    "makes folders too deep to count": (
        "for _ in range(100):\n    os.mkdir('d'); os.chdir('d')",
        "the code made folders nested more than 50 deep",
    ),
    "makes paths too long to name": (
        "for _ in range(45):\n    os.mkdir('d' * 200); os.chdir('d' * 200)\n"
        "for i in range(5):\n    open(f'f{i}', 'wb').write(bytes(9_000_000))",
        "the code made more than 20 MB of files",
    ),
    "makes many small files": (
        "for i in range(400):\n    open(f'f{i}', 'w').close()",
        "the code made more than 300 files",
    ),
    "starts many threads, where nobody is asked": (
        "import threading\nthreading.stack_size(65536)\n"
        "for _ in range(300):\n    threading.Thread(target=time.sleep, args=(20,)).start()",
        "the code made more than 256 threads",
    ),
    "uses up the processor": (
        "end = time.process_time() + 1.6\nwhile time.process_time() < end: pass",
        "the code used too much processor time",
    ),
    "speaks another architecture": (
        f"libc.syscall({0x40000000 + 39})",
        "the code made a system call of another architecture",
    ),
}


@pytest.mark.parametrize("attack", LETHAL)
def test_kernel_that_takes_too_much_dies_and_says_why(attack: str) -> None:
    if attack == "speaks another architecture" and syscalls.machine() != "x86_64":
        pytest.skip("x32 is a thing of x86_64")
    code, reason = LETHAL[attack]
    seconds = 1 if "processor" in attack else 60
    # As on a system that keeps no limits itself.
    box = Box(**{**vars(BOX), "cpu_seconds": seconds, "quota": False, "asks": False})
    cells = (f"{PRELUDE}{code}", "time.sleep(0.8)", "print('HARM')")
    said, died = run(box, *cells)
    assert "HARM" not in said
    assert died == reason
    said, died = run(None, *cells)
    assert "HARM" in said
    assert not died


#: Each starts threads without end, with what is said of it in the end.
ENDLESS = {
    "until one is refused": (
        "while True: threading.Thread(target=time.sleep, args=(20,)).start()",
        "RuntimeErrorcan't start new thread", "",
    ),
    "by threads of threads": (
        "def more():\n    while True: threading.Thread(target=more).start()\nmore()",
        "RuntimeErrorcan't start new thread", "",
    ),
    "past Python": (
        "sleeper = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: time.sleep(20))\n"
        "one = lambda: libc.pthread_create(ctypes.byref(ctypes.c_ulong()), None, sleeper, None)\n"
        "while not (error := one()): pass\nprint(os.strerror(error))",
        "Resource temporarily unavailable\n", "",
    ),
    "whatever it is told": (
        "while True:\n    with contextlib.suppress(RuntimeError):\n"
        "        threading.Thread(target=time.sleep, args=(20,)).start()",
        "StoppedDIED", "the code made threads without end",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", ENDLESS)
def test_one_thread_too_many_is_refused_whoever_looks_when(how: str) -> None:
    """What comes of it is the same each time: the rest of the notebook runs, or nothing of it."""
    code, error, reason = ENDLESS[how]
    code = f"{PRELUDE}import contextlib, threading\nthreading.excepthook = id\n{code}"
    for _ in range(2):
        said, died = run(BOX, code, "time.sleep(0.6)", "print('NEXT')", seconds=60)
        said, _, rest = said.partition("NEXT")
        assert died == reason
        assert bool(rest) == (not reason)
        assert error in said.replace(f"the kernel died ({reason})", "DIED")


def test_where_the_system_keeps_the_limit_no_byte_is_beyond_it(tmp_path: Path) -> None:
    """Deleted, deep and many files as well; the kernel goes on, and nothing of it is left."""
    if not quota.possible():
        pytest.skip("no user namespaces here")
    fill = "for i in range(5):\n    open(f'f{i}', 'wb').write(bytes(9_000_000))"
    cells = (
        fill,
        "for i in range(3): os.remove(f'f{i}')\nopen('ok', 'w').write('x') == 1",
        "home = os.path.expanduser('~/x'); open(home, 'wb').write(bytes(9_000_000)) == 1",
        "held = []\nfor _ in range(2):\n    held.append(open(home, 'rb')); os.remove(home)\n"
        "    open(home, 'wb').write(bytes(9_000_000))",
        # Deleted, and to the last byte; whoever counts them meanwhile finds no more.
        "os.remove(home); held = [open(str(i), 'wb', 0) for i in range(3)]\n"
        "for i in range(3): os.remove(str(i))\n"
        "for f in held:\n    for _ in range(2400): f.write(bytes(4096))",
        "time.sleep(0.6)",
        "for i in range(400):\n    os.mkdir('d'); os.chdir('d')",
    )
    with warm.warm_kernel(BOX) as (process, client):
        kernel = Kernel(process, client, Limits())
        kernel.run(PRELUDE)
        said = [[o.get("evalue", "") for o in kernel.run(cell)] for cell in cells]
        folder, place = process.folder, process.place
        assert (place / "work" / "ok").read_text() == "x"
        assert not any((folder / "work").iterdir())
        assert not kernel.died
    assert "No space left" in said[0][0]
    assert said[1] == [""]
    assert said[2] == [""]
    assert "No space left" in said[3][0]
    assert "No space left" in said[4][0]
    assert said[5] == []
    assert "No space left" in said[6][0]  # one folder too many
    assert not folder.exists()


@pytest.mark.parametrize(
    "code",
    [
        "os._exit(0)",
        "os.kill(os.getpid(), 9)",
        "os.closerange(0, 1000)\nwhile True: time.sleep(1)",
        "import signal\nwhile True:\n    try: time.sleep(10)\n    except BaseException: pass",
    ],
)
@pytest.mark.parametrize("box", [BOX, None], ids=["boxed", "unboxed"])
def test_kernel_that_ends_or_hangs_itself_takes_nobody_along(code: str, box: Box | None) -> None:
    with warm.warm_kernel(BOX) as (process, client):
        neighbour = Kernel(process, client, Limits())
        started = time.monotonic()
        with warm.warm_kernel(box) as (others, others_client):
            kernel = Kernel(others, others_client, Limits(cell_seconds=1.0, grace_seconds=0.5))
            kernel.run(PRELUDE + code)
            assert kernel.died
        assert time.monotonic() - started < 5
        assert neighbour.run("6 * 7")[0]["data"]["text/plain"] == "42"


# --- what must go on working, and the parts by themselves -------------------------------------


def test_ordinary_work_is_not_disturbed_by_the_box() -> None:
    code = """
        import os, pathlib, random, shutil, tempfile, threading, json, getpass, warnings
        import numpy as np, torch, matplotlib.pyplot as plt
        from concurrent.futures import ThreadPoolExecutor
        pathlib.Path("data.txt").write_text("1 2 3")
        shutil.copy2("data.txt", "copy.txt"); os.rename("copy.txt", "moved.txt")
        assert np.loadtxt("moved.txt").sum() == 6
        with tempfile.TemporaryDirectory() as folder:
            torch.save(torch.eye(3), folder + "/t.pt"); torch.load(folder + "/t.pt")
        np.save("a.npy", np.eye(3)); np.load("a.npy", mmap_mode="r+")[0, 0] = 2
        assert list(ThreadPoolExecutor(4).map(abs, [-1, -2])) == [1, 2]
        x = torch.tensor([3.0], requires_grad=True)
        optimizer = torch.optim.SGD([x], lr=0.1)
        (x**2).sum().backward(); optimizer.step()
        assert torch.func.vmap(torch.func.grad(torch.sin))(torch.zeros(2)).sum() == 2
        import tqdm, subprocess, asyncio, sqlite3, xml.dom.minidom, unittest, email
        for _ in tqdm.tqdm(range(3)): pass
        loader = torch.utils.data.DataLoader(list(range(4)), batch_size=2)
        assert len(list(loader)) == 2
        getpass.getuser(), os.path.expanduser("~"), os.cpu_count(), os.uname()
        plt.plot([1, 2]); plt.savefig("plot.pdf"); plt.close()
        print("FINE")
    """
    said, died = run(BOX, textwrap.dedent(code))
    assert said.strip().endswith("FINE"), said
    assert not died


@pytest.mark.parametrize(
    "code", ["!ls", "x = !ls", "%%bash\nls", "import os\nos.system('ls')", "import os\nos.fork()"]
)
def test_refusal_is_explained_where_it_happens(code: str) -> None:
    said, _ = run(BOX, code)
    assert "while it is graded, a notebook may not start" in said


def test_every_refused_call_is_refused() -> None:
    """Also those that no attack above tries; -1 and NULL would be wrong arguments otherwise."""
    numbers = syscalls.NUMBERS[syscalls.machine()]
    refused = [numbers[n] for n in syscalls._names(syscalls._REFUSED) if n in numbers]
    unknown = [425, 426, 428, 429, 435, 437, 438, 440, 447]  # io_uring, mount API, clone3 ...
    code = f"{PRELUDE}" + textwrap.dedent(
        f"""
        def error(number):
            ctypes.set_errno(0)
            libc.syscall(number, -1, None, -1, None, -1, None)
            return ctypes.get_errno()
        print([error(n) for n in {refused}], [error(n) for n in {unknown}])
        """
    )
    said, died = run(BOX, code)
    assert not died
    refusals, unknowns = said.strip()[1:-1].split("] [")
    assert set(refusals.split(", ")) == {str(errno.EPERM)}
    assert set(unknowns.split(", ")) <= {str(errno.ENOSYS), str(errno.EPERM)}


@pytest.mark.parametrize(("machine", "token"), [("x86_64", 0xC000003E), ("aarch64", 0xC00000B7)])
def test_numbers_of_system_calls_agree_with_libseccomp(machine: str, token: int) -> None:
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp is not installed")
    resolve = library.seccomp_syscall_resolve_name_arch
    resolve.argtypes = (ctypes.c_uint32, ctypes.c_char_p)
    numbers = syscalls.NUMBERS[machine]
    known = {name: resolve(token, name.encode()) for name in numbers}
    assert {name: n for name, n in known.items() if n >= 0} == {
        name: number for name, number in numbers.items() if known[name] >= 0
    }


def test_missing_landlock_is_said_and_refused_unless_unsafe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    assert "read and change your files" in sandbox.missing_protection()[0]
    with pytest.raises(OSError, match="Landlock"):
        sandbox.confine(Box(), [], Path(), [])


# --- as an ordinary user ----------------------------------------------------------------------

AS_NOBODY = """
from autograder.kernels import warm
from autograder.kernels.kernel import Kernel
from autograder.kernels.limits import Limits
from autograder.kernels.sandbox import Box
import os, sys
for box in (Box(), None):
    with warm.warm_kernel(box) as (process, client):
        kernel = Kernel(process, client, Limits())
        for code in (
            "1 + 1",
            f"open({sys.argv[1]!r}).read()",
            "import os, socket; os.kill(os.getppid(), 0)",
            "socket.socket(socket.AF_INET)",
            "import ctypes; libc = ctypes.CDLL(None); assert libc.system(b'true') == 0",
            "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()",
        ):
            print(*(output.output_type for output in kernel.run(code)), end=";")
        reports = process.place / "home" / ".reports"
        print(os.getuid(), kernel.died, reports.exists())
"""


def test_ordinary_user_is_as_safe_as_root(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("everything here was run as an ordinary user")
    nobody, python = 65534, _python_for(65534)
    if python is None:
        pytest.skip("no Python of this version that everyone may use")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    os.chown(secret, nobody, nobody)
    for folder in (tmp_path, *tmp_path.parents):
        if "pytest-of-" not in str(folder):
            break
        folder.chmod(0o755)
    course = Path(warm.__file__).parents[2]
    packages = [path for path in sys.path if path.endswith("-packages")]
    result = subprocess.run(
        [python, "-c", AS_NOBODY, str(secret)],
        env={"PYTHONPATH": os.pathsep.join([str(course), *packages]), "PATH": os.defpath},
        cwd="/",
        user=nobody,
        group=nobody,
        extra_groups=[],
        capture_output=True,
        text=True,
    )
    boxed, unboxed = result.stdout.splitlines()
    assert boxed == "execute_result;error;error;error;error;display_data;65534  True", result.stderr
    assert unboxed == "execute_result;execute_result;;execute_result;;display_data;65534  True"


def _python_for(user: int) -> str | None:
    """This interpreter, or the system's of the same version, whichever `user` can run."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, shutil.which(f"python{version}", path=os.defpath)):
        command = [python or "false", "-c", "import ctypes, ssl"]
        with contextlib.suppress(OSError):
            quiet = subprocess.run(command, user=user, group=user, capture_output=True, cwd="/")
            if quiet.returncode == 0:
                return python
    return None
