"""The system calls that a submission may make: a seccomp filter, by ctypes.

A list of what is allowed, so that a call nobody thought of is not. Anything
else is answered with ENOSYS, as by an old kernel: the C library then falls back
(from clone3 to clone, whose flags can be checked), where EPERM would make it
give up. It knows nothing of notebooks or files; those are Landlock's
(`autograder.kernels.sandbox`).

The filter is assembled here and not by libseccomp because that library is not
in every container, and its answer to a call of a foreign architecture ends one
thread and leaves the kernel hanging. The price is the table of numbers at the
end; a test holds it against libseccomp where that is installed.

References
----------
`seccomp(2)`, `bpf(4)`, and Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Sequence

__all__ = ["NUMBERS", "install", "machine"]

Instruction = tuple[int, int, int, int]

# Classic BPF: load a word, compare, mask, return; offsets into struct seccomp_data.
_LOAD, _EQUAL, _AT_LEAST, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_X32 = 0x40000000  # x86_64's second set of numbers

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_AUDIT_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def machine() -> str:
    """The architecture, if there is a table for it; otherwise an empty string."""
    name = platform.machine()
    return name if name in _AUDIT_ARCHITECTURE and struct.calcsize("P") == 8 else ""


def install() -> None:
    """Put the calling thread, and every thread it will start, behind the filter.

    Needs `no_new_privs`. Cannot be undone.

    Raises
    ------
    OSError
        If the kernel refuses the filter.
    """
    program = _assemble(machine(), os.getpid())
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    # struct sock_fprog: an unsigned short, padding, and a pointer.
    header = struct.pack("HP", len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.c_char_p(header), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel refused the seccomp filter")


def _assemble(architecture: str, pid: int) -> list[Instruction]:
    """The whole filter, for the process `pid`."""
    numbers = NUMBERS[architecture]
    # The busiest calls first: the kernel reads the filter from the top.
    answers = _conditional(pid)
    answers |= {name: [(_RETURN, 0, 0, _ALLOW)] for name in _names(_ALLOWED)}
    answers |= {name: [_answer(0)] for name in _names(_IGNORED)}
    answers |= {name: [_answer(errno.EOPNOTSUPP)] for name in _names(_UNSUPPORTED)}
    answers |= {name: [_answer(errno.EPERM)] for name in _names(_REFUSED)}
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT_ARCHITECTURE[architecture]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
    ]
    for name, answer in answers.items():
        if name in numbers:
            program += [(_EQUAL, 0, len(answer), numbers[name]), *answer]
    return [*program, _answer(errno.ENOSYS)]


def _conditional(pid: int) -> dict[str, list[Instruction]]:
    """Calls that depend on an argument; every one looked at fits in 32 bits."""
    thread, stream, unix = 0x10000, 1, 1
    truncating, opened_for = os.O_TRUNC, os.O_TRUNC | os.O_ACCMODE
    terminal = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # ask, never change
    owner = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: signals by the back door
    names = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
    return {
        # Landlock before 6.2 lets a file that may be read be emptied.
        "open": _unless(1, [truncating], errno.EACCES, opened_for),
        "openat": _unless(2, [truncating], errno.EACCES, opened_for),
        "fcntl": _unless(1, owner, errno.EPERM),
        "clone": _only_if(0, [thread], errno.EPERM, thread),
        "kill": _only_if(0, [pid], errno.EPERM),
        "tgkill": _only_if(0, [pid], errno.EPERM),
        "prlimit64": _only_if(0, [0, pid], errno.EPERM),
        # zmq listens on unix streams. A datagram could name any socket as its address.
        "socket": _both(
            _only_if(0, [unix], errno.EACCES), _only_if(1, [stream], errno.EACCES, 0xF)
        ),
        "socketpair": _only_if(1, [stream], errno.EACCES, 0xF),
        "ioctl": _only_if(1, terminal, errno.ENOTTY),
        "prctl": _only_if(0, names, errno.EPERM),
        "sched_setscheduler": _only_if(1, [0], errno.EPERM),
    }


def _only_if(
    argument: int, values: Sequence[int], otherwise: int, mask: int = 0xFFFFFFFF
) -> list[Instruction]:
    """Allow the call if the argument, masked, is one of the values."""
    return _switch(argument, values, mask, (_RETURN, 0, 0, _ALLOW), _answer(otherwise))


def _unless(
    argument: int, values: Sequence[int], refusal: int, mask: int = 0xFFFFFFFF
) -> list[Instruction]:
    """Allow the call unless the argument, masked, is one of the values."""
    return _switch(argument, values, mask, _answer(refusal), (_RETURN, 0, 0, _ALLOW))


def _switch(
    argument: int, values: Sequence[int], mask: int, found: Instruction, otherwise: Instruction
) -> list[Instruction]:
    count = len(values)
    tests = [(_EQUAL, count - i, 0, value & 0xFFFFFFFF) for i, value in enumerate(values)]
    load = (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)
    return [load, (_AND, 0, 0, mask), *tests, otherwise, found]


def _both(first: list[Instruction], second: list[Instruction]) -> list[Instruction]:
    """The first condition without its last instruction, "allow", runs into the second."""
    return [*first[:-1], *second]


def _answer(number: int) -> Instruction:
    return (_RETURN, 0, 0, _ERRNO | number)


def _names(table: str) -> list[str]:
    return [entry.split()[0] for entry in table.split(";")]


# Name, number on x86_64, number on aarch64.
_ALLOWED = """\
read 0 63; write 1 64; pread64 17 67; pwrite64 18 68; readv 19 65; writev 20 66; preadv 295 69;
pwritev 296 70; preadv2 327 286; pwritev2 328 287; creat 85 -; close 3 57; close_range 436 436;
dup 32 23; dup2 33 -; dup3 292 24; flock 73 32; fsync 74 82; fdatasync 75 83; ftruncate 77 46;
lseek 8 62; fallocate 285 47; fadvise64 221 223; readahead 187 213; getdents 78 -; getdents64 217
61; getcwd 79 17; chdir 80 49; fchdir 81 50; rename 82 -; renameat 264 38; renameat2 316 276;
mkdir 83 -; mkdirat 258 34; rmdir 84 -; link 86 -; linkat 265 37; unlink 87 -; unlinkat 263 35;
symlink 88 -; symlinkat 266 36; readlink 89 -; readlinkat 267 78; stat 4 -; lstat 6 -; fstat 5 80;
newfstatat 262 79; statx 332 291; statfs 137 43; fstatfs 138 44; access 21 -; faccessat 269 48;
faccessat2 439 439; umask 95 166; sendfile 40 71; copy_file_range 326 285; pipe 22 -; pipe2 293
59; poll 7 -; ppoll 271 73; select 23 -; pselect6 270 72; epoll_create 213 -; epoll_create1 291
20; epoll_ctl 233 21; epoll_wait 232 -; epoll_pwait 281 22; epoll_pwait2 441 441; eventfd 284 -;
eventfd2 290 19; timerfd_create 283 85; timerfd_settime 286 86; timerfd_gettime 287 87; mmap 9
222; mprotect 10 226; munmap 11 215; mremap 25 216; madvise 28 233; brk 12 214; mincore 27 232;
msync 26 227; membarrier 324 283; mlock 149 228; munlock 150 229; getpid 39 172; gettid 186 178;
getppid 110 173; getuid 102 174; geteuid 107 175; getgid 104 176; getegid 108 177; getgroups 115
158; getresuid 118 148; getresgid 120 150; getpgrp 111 -; getpgid 121 155; getsid 124 156;
set_tid_address 218 96; set_robust_list 273 99; rseq 334 293; arch_prctl 158 -; futex 202 98;
futex_waitv 449 449; sched_yield 24 124; sched_getaffinity 204 123; sched_getparam 143 121;
sched_getscheduler 145 120; sched_get_priority_max 146 125; sched_get_priority_min 147 126; getcpu
309 168; getpriority 140 141; exit 60 93; exit_group 231 94; wait4 61 260; waitid 247 95;
nanosleep 35 101; clock_nanosleep 230 115; clock_gettime 228 113; clock_getres 229 114;
gettimeofday 96 169; time 201 -; times 100 153; getrusage 98 165; sysinfo 99 179; uname 63 160;
getrlimit 97 163; rt_sigaction 13 134; rt_sigprocmask 14 135; rt_sigreturn 15 139; rt_sigpending
127 136; rt_sigsuspend 130 133; rt_sigtimedwait 128 137; sigaltstack 131 132; pause 34 -; alarm 37
-; setitimer 38 103; getitimer 36 102; timer_create 222 107; timer_settime 223 110; timer_gettime
224 108; timer_delete 226 111; restart_syscall 219 128; bind 49 200; listen 50 201; accept 43 202;
accept4 288 242; getsockname 51 204; getpeername 52 205; setsockopt 54 208; getsockopt 55 209;
sendto 44 206; recvfrom 45 207; shutdown 48 210; getrandom 318
278"""
_CONDITIONAL = """\
open 2 -; openat 257 56; fcntl 72 25; clone 56 220; kill 62 129; tgkill 234 131; socket 41 198;
socketpair 53 199; ioctl 16 29; prctl 157 167; sched_setscheduler 144 119; prlimit64 302 261"""
# Landlock does not see these. A quiet success: copying a file ends with them.
_IGNORED = """\
chmod 90 -; fchmod 91 52; fchmodat 268 53; fchmodat2 452 452; utime 132 -; utimes 235 -; futimesat
261 -; utimensat 280 88"""
# `shutil.copy2` goes on after EOPNOTSUPP, and after nothing else.
_UNSUPPORTED = """\
setxattr 188 5; lsetxattr 189 6; fsetxattr 190 7; getxattr 191 8; lgetxattr 192 9; fgetxattr 193
10; listxattr 194 11; llistxattr 195 12; flistxattr 196 13; removexattr 197 14; lremovexattr 198
15; fremovexattr 199 16"""
# The last two could keep files that nobody can count, in flight between two ends of one process.
# Anything not listed at all is answered with ENOSYS; these deserve a clearer no.
_REFUSED = """\
connect 42 203; fork 57 -; vfork 58 -; execve 59 221; execveat 322 281; ptrace 101 117;
process_vm_readv 310 270; process_vm_writev 311 271; tkill 200 130; truncate 76 45; chown 92 -;
fchown 93 55; lchown 94 -; fchownat 260 54; mknod 133 -; mknodat 259 33; mount 165 40; umount2 166
39; unshare 272 97; setns 308 268; bpf 321 280; perf_event_open 298 241; pidfd_open 434 434;
pidfd_send_signal 424 424; pidfd_getfd 438 438; setpriority 141 140; sched_setaffinity 203 122;
setsid 112 157; setpgid 109 154; rt_sigqueueinfo 129 138; rt_tgsigqueueinfo 297 240; setuid 105
146; setgid 106 144; setreuid 113 145; setregid 114 143; setresuid 117 147; setresgid 119 149;
setgroups 116 159; sendmsg 46 211; recvmsg 47 212"""

#: For each architecture the number of each system call that is known here.
NUMBERS = {
    architecture: {
        entry.split()[0]: int(entry.split()[column])
        for entry in ";".join([_ALLOWED, _CONDITIONAL, _IGNORED, _UNSUPPORTED, _REFUSED]).split(";")
        if entry.split()[column] != "-"
    }
    for column, architecture in enumerate(_AUDIT_ARCHITECTURE, start=1)
}
