"""The site: `make docs` builds it, offline, into build/site."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))
from gather import DOCS, gather, linked

from autograder import __version__

gather()

project = "Gradient descent, week by week"
author = "its contributors"
release = version = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton", "mathml"]
exclude_patterns = ["_ext"]
html_theme = "furo"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_show_sourcelink = False
html_show_copyright = False
html_use_index = False
html_domain_indices = False
html_copy_source = False

nb_execution_mode = "off"
nb_merge_streams = True
nb_code_prompt_show = "show the code"
nb_code_prompt_hide = "hide the code"
myst_enable_extensions = ["dollarmath", "html_image"]
myst_heading_anchors = 3
# Blocks that name their file, and notebooks that begin with their one title.
suppress_warnings = ["misc.highlighting_failure", "myst.header"]

autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
nitpicky = False


def setup(app):
    """Let links of the repository lead to pages of the site, and keys to all of a page."""

    def read(app, name, content):
        path = Path(app.env.doc2path(name))
        if path.suffix == ".md" and path.parent != DOCS / "project":
            content[0] = linked(content[0], path, path)

    def reach(app, page, template, context, doctree):
        # Code that is wider than the screen is scrolled by keys too; captions say how deep they are.
        for part in ("body", "furo_navigation_tree"):
            if isinstance(context.get(part), str):
                text = context[part].replace("<pre>", '<pre tabindex="0">')
                text = text.replace('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper')
                context[part] = text.replace('role="heading">', 'role="heading" aria-level="2">')

    app.connect("source-read", read)
    app.connect("html-page-context", reach, priority=900)
