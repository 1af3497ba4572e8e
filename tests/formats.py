"""What each platform publishes of its format, field by field, as JSON schemas."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def _object(required: list[str], properties: Schema, more: bool = False) -> Schema:
    return {
        "type": "object",
        "additionalProperties": more,
        "required": required,
        "properties": properties,
    }


_TEXT = {"type": "string", "minLength": 1}
_ANY = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
_INSTANT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$"}

#: "Autograder specifications" of Gradescope, and docs/specs.md of gradescope/autograder_samples.
GRADESCOPE = _object(
    ["score", "tests"],
    {
        "score": {"type": "number"},
        "execution_time": {"type": "number"},
        "output": _ANY,
        "output_format": _FORMAT,
        "test_output_format": _FORMAT,
        "visibility": _VISIBILITY,
        "stdout_visibility": _VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": _object(
                ["score", "max_score", "name"],
                {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": _TEXT,
                    "number": _TEXT,
                    "output": _ANY,
                    "output_format": _FORMAT,
                    "tags": {"type": "array", "items": _TEXT},
                    "visibility": _VISIBILITY,
                },
            ),
        },
    },
)

#: schemas/result-v1.schema.json of foundation50/classroom50. Its runner adds graded_at and
#: submitted_by; that no score exceeds its maximum is checked in code, there and in our tests.
CLASSROOM50 = _object(
    [
        *("schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit"),
        *("release", "review", "datetime", "score", "max-score", "tests"),
    ],
    {
        "schema": {"const": "classroom50/result/v1"},
        "classroom": _TEXT,
        "assignment": _TEXT,
        "assignment_type": {"enum": ["individual", "group"]},
        "owner": _TEXT,
        "submission": {"type": "string", "pattern": "^submit/"},
        "commit": _TEXT,
        "release": _TEXT,
        "review": _TEXT,
        "datetime": _INSTANT,
        "graded_at": _INSTANT,
        "score": _COUNT,
        "max-score": _COUNT,
        "tests": {
            "type": "array",
            "items": _object(
                ["test-name", "passed", "score", "max-score"],
                {
                    "test-name": _TEXT,
                    "passed": {"type": "boolean"},
                    "score": _COUNT,
                    "max-score": _COUNT,
                },
                more=True,
            ),
        },
    },
)

_IMAGES = {
    "type": "array",
    "items": _object(["url"], {"url": {"pattern": "^data:image/[a-z+]+;base64,"}, "label": _ANY}),
}
#: docs/externalGrading.md of PrairieLearn: of what is gradable, `score` is all that must be there.
PRAIRIELEARN = {
    **_object(
        ["gradable"],
        {
            "gradable": {"type": "boolean"},
            "score": {"type": "number", "minimum": 0, "maximum": 1},
            "message": _ANY,
            "output": _ANY,
            "images": _IMAGES,
            "format_errors": {"type": ["string", "array"], "items": _ANY},
            "tests": {
                "type": "array",
                "items": _object(
                    ["name", "points", "max_points"],
                    {
                        "name": _TEXT,
                        "description": _ANY,
                        "points": {"type": "number"},
                        "max_points": {"type": "number"},
                        "message": _ANY,
                        "output": _ANY,
                        "images": _IMAGES,
                    },
                ),
            },
        },
    ),
    "if": {"properties": {"gradable": {"const": True}}},
    "then": {"required": ["score"]},
}
#: infoQuestion.json among PrairieLearn's schemas, as far as we use it.
QUESTION = _object(
    ["uuid", "type", "title", "topic"],
    {
        "uuid": {"type": "string", "pattern": "^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$"},
        "type": {"const": "v3"},
        "title": _TEXT,
        "topic": _TEXT,
        "gradingMethod": {"enum": ["Internal", "External", "Manual"]},
        "externalGradingOptions": _object(
            ["image", "entrypoint"],
            {
                "enabled": {"type": "boolean"},
                "image": _TEXT,
                "entrypoint": {"type": "string", "pattern": "^/grade/[^ ]+$"},
                "timeout": {"type": "integer", "maximum": 600},
            },
        ),
    },
)
