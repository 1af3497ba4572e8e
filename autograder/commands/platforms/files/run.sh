#!/usr/bin/env bash
# The entrypoint of the question's external grader.
set -euo pipefail
exec "${AUTOGRADER_ENVIRONMENT:-/opt/autograder}/bin/python" -P -m autograder.commands.platforms.prairielearn "${AUTOGRADER_BASE:-/grade}"
