"""JupyterHub for one course on one machine. `start` lays out the folders, then runs this.

Everybody works under an account of their own on the machine; who may do what follows from two Unix
groups, NAME-students and NAME-instructors. The course itself belongs to an account that nobody
logs in with, and its Jupyter server, with formgrader, is a service that only instructors reach.
"""

import grp
import os
import pwd
import sys
from pathlib import Path

from jupyterhub.auth import PAMAuthenticator
from jupyterhub.utils import random_port

c = get_config()  # noqa: F821

NAME = os.environ["HUB_NAME"]
DATA = Path(os.environ["HUB_DATA"])
STUDENTS, INSTRUCTORS = f"{NAME}-students", f"{NAME}-instructors"
# `CourseDirectory.course_id`; nbgrader expects the service with formgrader under this name.
COURSE_ID = os.environ["HUB_COURSE"]

# --- who may come in, and as what ----------------------------------------------------------


def groups(user):
    """Those of the two groups in which `user` is on this machine."""
    gids = os.getgrouplist(user, pwd.getpwnam(user).pw_gid)
    return [name for name in (STUDENTS, INSTRUCTORS) if grp.getgrnam(name).gr_gid in gids]


class UnixGroups(PAMAuthenticator):
    """Accounts and passwords of the machine. Its groups are the Hub's groups."""

    async def authenticate(self, handler, data):
        """A user of this machine with the right password, with the groups."""
        name = await super().authenticate(handler, data)
        return name and {"name": name, "groups": groups(name)}

    async def refresh_user(self, user, handler=None):
        """The groups as they are now, asked every few minutes. Who is in none is out."""
        try:
            now = groups(user.name)
        except KeyError:  # the account was removed
            return False
        return bool(now) and {"name": user.name, "groups": now}


c.JupyterHub.authenticator_class = UnixGroups
c.Authenticator.manage_groups = True
c.Authenticator.auth_refresh_strict = True  # with the tokens they have, too
c.PAMAuthenticator.allowed_groups = {STUDENTS, INSTRUCTORS}
# Nobody is the Hub's administrator: accounts and groups are the machine's.

# --- a server for each person --------------------------------------------------------------


def close_home(spawner):
    """Whatever `useradd` made of it, a home is its owner's alone."""
    os.chmod(pwd.getpwnam(spawner.user.name).pw_dir, 0o700)


c.JupyterHub.spawner_class = "localprocess"
c.Spawner.pre_spawn_hook = close_home
c.Spawner.default_url = "/lab"
# What comes first wins: `personal` leaves out formgrader, `everyone` knows course and exchange.
c.Spawner.environment = {"JUPYTER_CONFIG_PATH": f"{DATA}/etc/personal:{DATA}/etc/everyone"}

# --- the course's own server, with formgrader ----------------------------------------------

c.JupyterHub.services = [
    {
        "name": COURSE_ID,
        "url": f"http://127.0.0.1:{random_port()}",
        "command": [str(Path(sys.executable).parent / "jupyterhub-singleuser")],
        "user": NAME,
        "cwd": f"{DATA}/course",
        "environment": {
            "JUPYTER_CONFIG_PATH": f"{DATA}/etc/course:{DATA}/etc/everyone",
            # Formgrader is a frame in Lab, which JupyterHub forbids unless `etc/course` allows it.
            "JUPYTERHUB_DEFAULT_URL": "/lab?formgrader=true",
        },
        "oauth_no_confirm": True,
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "instructor",
        "groups": [INSTRUCTORS],
        "scopes": [
            f"access:services!service={COURSE_ID}",
            f"read:services!service={COURSE_ID}",
            "list:services",
        ],
    }
]

# --- the Hub itself ------------------------------------------------------------------------

# From this machine only: put a server that speaks HTTPS in front of it, or see README.md.
c.JupyterHub.ip = "127.0.0.1"
c.JupyterHub.db_url = f"sqlite:///{DATA}/hub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{DATA}/hub/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = f"{DATA}/hub/proxy.pid"
