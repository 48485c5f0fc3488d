"""Checks a built site: every link inside it leads to a page and a place on it, and nothing is loaded from elsewhere.

    python scripts/check_links.py out/docs

Reads files only. Links to other sites are left alone: whether those are up is not for a build to say.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """What a page has to offer to links (`places`), where it leads (`links`) and what it loads (`assets`)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = {"", "top"}
        self.links: list[str] = []
        self.assets: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value is not None}
        self.places |= {values[name] for name in ("id", "name") if name in values}
        if "href" in values:
            (self.links if tag == "a" else self.assets).append(values["href"])
        if "src" in values:
            self.assets.append(values["src"])


def faults(folder: Path) -> list[str]:
    """What is wrong with the site in `folder`, a line for each."""
    pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    found = [] if pages else [f"{folder}: there is no page"]
    for path, page in pages.items():
        where = path.relative_to(folder.resolve())
        for link in [*page.links, *page.assets]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.assets and parts.scheme != "data":
                    found.append(f"{where}: loads {link} from elsewhere")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append(f"{where}: {link} leads to no file")
            elif target in pages and unquote(parts.fragment) not in pages[target].places:
                found.append(f"{where}: {link} leads to no place on that page")
    return found


def main(folder: str) -> int:
    found = faults(Path(folder))
    print(*found, sep="\n", file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
