"""A page that a student gets in place of feedback: what became of what they handed in.

Looks like a feedback page and, like it, loads and runs nothing.
"""

from __future__ import annotations

import html

__all__ = ["notice"]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{heading}</title>
<style>
:root {{ --paper: #fff; --ink: #1d1f23; --soft: #5c6067; --line: #7d5800; }}
@media screen and (prefers-color-scheme: dark) {{
  :root {{ --paper: #15171b; --ink: #e7e7e4; --soft: #a3a8b0; --line: #e9bd5b; }} }}
body {{ margin: 0 auto; padding: 1rem; max-width: 54rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif;
  overflow-wrap: break-word; }}
main {{ border-left: 4px solid var(--line); padding: .2rem 0 .2rem 1rem; }}
h1 {{ font-size: 1.4rem; line-height: 1.25; margin: .3rem 0; }}
p {{ margin: .6rem 0; }}
.soft {{ color: var(--soft); }}
</style>
</head>
<body>
<main>
<h1>{heading}</h1>
<p>{text}</p>
<p class="soft">{about}</p>
</main>
</body>
</html>
"""


def notice(heading: str, text: str, about: str) -> str:
    """A page that says what happens with a submission.

    Parameters
    ----------
    heading, text : str
        What happens, in a few words and in full.
    about : str
        Which submission this is about.
    """
    return _PAGE.format(
        heading=html.escape(heading), text=html.escape(text), about=html.escape(about)
    )
