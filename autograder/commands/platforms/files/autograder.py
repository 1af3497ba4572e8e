"""Classroom 50 runs this in the student's checkout. The marking notes must not lie beside it.

What stands beside this file is published with the classroom's pages, where students can read it. So
the packed course comes from a private place: a folder of a self-hosted runner (COURSE_DIR), or a
private repository that a token may read (COURSE_REPOSITORY, COURSE_TOKEN). Where setup.sh has been
run before, AUTOGRADER_ENVIRONMENT says into which folder; else it is run for each submission.
"""

import os
import shutil
import subprocess
import sys
import tempfile

course = os.environ.get("COURSE_DIR")
copy = tempfile.mkdtemp()
if course:
    shutil.copytree(course, os.path.join(copy, "packed"))
else:
    where = os.environ.get("COURSE_REPOSITORY", "")
    if not where:
        sys.exit(
            "set COURSE_DIR, or COURSE_REPOSITORY and COURSE_TOKEN: the marking notes are not here"
        )
    helper = "!f() { echo username=x-access-token; echo password=$COURSE_TOKEN; }; f"
    command = ["git", "-c", f"credential.helper={helper}", "clone", "--quiet", "--depth", "1"]
    subprocess.run([*command, where, os.path.join(copy, "packed")], check=True)
os.environ.pop("COURSE_TOKEN", None)
packed = os.path.join(copy, "packed")
shutil.rmtree(os.path.join(packed, ".git"), ignore_errors=True)
environment = os.environ.get("AUTOGRADER_ENVIRONMENT")
if not environment:
    environment = os.environ["AUTOGRADER_ENVIRONMENT"] = os.path.join(copy, "environment")
    subprocess.run(["bash", os.path.join(packed, "setup.sh")], check=True)
command = [
    os.path.join(environment, "bin", "python"),
    "-P",
    "-m",
    "autograder.commands.platforms.classroom50",
]
sys.exit(subprocess.run([*command, os.path.join(packed, "course")]).returncode)
