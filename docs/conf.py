"""Configure Sphinx (`make docs`): pages in Markdown, and a reference from the docstrings of the package.

The source folder is the root of the repository, so that links between files work on the site and on a Git host. The
build fails on each warning, on a link to a name that the reference lacks, and on a public name without an entry. It
downloads nothing.
"""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from typing import Any

import comfy_cloud
from comfy_cloud import testing

project = "comfy-cloud"
author = copyright = "The comfy-cloud developers"  # noqa: A001 - sphinx's word
version = release = comfy_cloud.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**", "examples/**", "scripts/templates/**"]
exclude_patterns = [".*", "out", "dist", "build"]
nitpicky = True
# Names of other packages are documented elsewhere. These three names of ours are private types in public signatures:
# "not given", "a PIL image" and "a row of a sweep".
nitpick_ignore_regex = [
    ("py:.*", r"(?!comfy_cloud\b).*|comfy_cloud\._(settings\.NotGiven|core\.(inputs\.ImageLike|batch\.Row))")
]

myst_heading_anchors = 4
pygments_style, pygments_dark_style = "default", "monokai"
html_theme = "furo"
html_title = f"comfy-cloud {release}"
html_static_path, html_css_files = ["_static"], ["site.css"]
html_extra_path = ["_root"]  # A page at the root of the site that redirects to docs/index.html.
# `make site` builds a folder for each version, and names them all in the environment: the newest release comes first.
templates_path = ["_templates"]
html_context = {
    "versions": os.environ.get("DOCS_VERSIONS", "").split(),
    "this_version": os.environ.get("DOCS_VERSION", ""),
}
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/versions.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/scroll-end.html",
    ]
}
html_copy_source = html_show_sourcelink = html_show_sphinx = False

autodoc_member_order = "bysource"
autodoc_typehints, autodoc_typehints_description_target = "both", "documented"
autodoc_typehints_format = "short"
copybutton_prompt_text = "$ "
python_maximum_signature_line_length = 80
add_module_names = False

_HUMPS = re.compile(r"(?:[A-Z]+[a-z]+){2,}")
_LINKED = {
    name: f"{getattr(comfy_cloud, name).__module__}.{name}" for name in comfy_cloud.__all__ if _HUMPS.fullmatch(name)
}
_SPECIAL = re.compile(r"[\\*|]|_(?=\W|$)")
_ARGUMENT = re.compile(r"- `(\w+)`: (.*)")
_FIELD = re.compile(r"(\w+) \((.+?)\): (.*)")


def to_rst(lines: list[str]) -> list[str]:
    """Convert a docstring from Markdown to reStructuredText, which Sphinx reads.

    Docstrings use single backticks, code indented by four spaces after an empty line, lists, and the fields that the
    generator lists under "Attributes:". A list of arguments gets their types. Public names of more than one word, such
    as RetryPolicy, become links.
    """
    converted: list[str] = []
    in_code = in_fields = False
    for number, line in enumerate(lines):
        indent, text = len(line) - len(line.lstrip()), line.lstrip()
        after_blank = number > 0 and not lines[number - 1].strip()
        if line == "Attributes:":
            in_fields = True
            continue
        if in_fields and indent == 4 and (field := _FIELD.fullmatch(text)):
            converted += ["", f"``{field[1]}`` : {field[2]}", f"    {_inline(field[3])}"]
            continue
        if in_fields and text:
            converted.append(f"    {_inline(text)}")
            continue
        if text and not indent:
            in_code = False
        elif indent >= 4 and after_blank and not in_code:
            in_code = True
            converted += [".. code-block:: python", ""]
        if in_code or not text:
            converted.append(line)
        elif argument := _ARGUMENT.fullmatch(text):
            converted += ["", f":param {argument[1]}: {_inline(argument[2])}"]
        elif text.startswith("- "):
            converted += ["", " " * (indent // 2) + _inline(text)]
        else:
            converted.append(" " * indent + _inline(text))
    return converted


def _inline(text: str) -> str:
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(f"`{part}`" if index % 2 else _words(part) for index, part in enumerate(parts))


def _words(text: str) -> str:
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    return re.sub(r"\b[A-Z]\w+\b", lambda word: _link(word[0]), escaped)


def _link(word: str) -> str:
    return f":py:obj:`~{_LINKED[word]}`" if word in _LINKED else word


def process_docstring(_app: Any, _what: str, _name: str, _obj: Any, _options: Any, lines: list[str]) -> None:
    """Convert a docstring in place, which is how Sphinx takes the result."""
    lines[:] = to_rst(lines)


def process_signature(
    _app: Any, what: str, _name: str, obj: Any, _options: Any, signature: str | None, _result: str | None
) -> tuple[str, None] | None:
    """Hide the constructors of classes whose objects a user gets from a client and never creates."""
    if what not in ("class", "exception") or signature is None:
        return None
    made_here = obj.__module__.startswith(("comfy_cloud._sync", "comfy_cloud._async", "comfy_cloud.raw.models"))
    hidden = what == "exception" or (made_here and "ComfyCloud" not in obj.__name__)
    return ("", None) if hidden else None


def require_public_names(_app: Any, env: Any) -> None:
    """Warn about public names that the reference does not document, since nobody would find them."""
    from sphinx.util import logging  # `-W` makes errors of the warnings of this logger only.

    logger = logging.getLogger(__name__)
    told = env.domains.python_domain.objects
    for module, names in ((comfy_cloud, comfy_cloud.__all__), (testing, testing.__all__)):
        for name in names:
            value = getattr(module, name)
            if inspect.ismodule(value) or name == "__version__":
                continue
            if not {f"{module.__name__}.{name}", f"{value.__module__}.{name}"} & set(told):
                logger.warning("the reference has no entry for %s.%s", module.__name__, name)


def setup(app: Any) -> None:
    """Connect the handlers. Sphinx calls this function."""
    handlers: dict[str, Callable[..., Any]] = {
        "autodoc-process-docstring": process_docstring,
        "autodoc-process-signature": process_signature,
        "env-check-consistency": require_public_names,
    }
    for event, handler in handlers.items():
        app.connect(event, handler)
