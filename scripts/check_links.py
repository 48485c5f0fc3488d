"""Check a built site: each internal link must lead to a page and an anchor, and no asset may come from another site.

    python scripts/check_links.py out/docs

It reads files only. Links to other sites are not followed: a build must not fail because another site is down.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The anchors, the links and the assets of an HTML page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = {"", "top"}
        self.links: list[str] = []
        self.assets: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the attributes of a tag. HTMLParser calls this method."""
        values = {name: value for name, value in attrs if value is not None}
        self.places |= {values[name] for name in ("id", "name") if name in values}
        if "href" in values:
            (self.links if tag == "a" else self.assets).append(values["href"])
        if "src" in values:
            self.assets.append(values["src"])


def faults(folder: Path) -> list[str]:
    """Return the broken links and foreign assets of the site in `folder`, as one line each."""
    pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    found = [] if pages else [f"{folder} has no HTML page; build the site with: make docs"]
    for path, page in pages.items():
        where = path.relative_to(folder.resolve())
        for link in [*page.links, *page.assets]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.assets and parts.scheme != "data":
                    found.append(f"{where}: loads {link} from another site")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append(f"{where}: {link} leads to a file that does not exist")
            elif target in pages and unquote(parts.fragment) not in pages[target].places:
                found.append(f"{where}: {link} leads to an anchor that does not exist on that page")
    return found


def main(folder: str) -> int:
    """Print what is wrong with a site, and return the exit code."""
    found = faults(Path(folder))
    print(*found, sep="\n", file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
