"""Compare the locks with the advisories of PyPI by pip-audit, and say so clearly if those cannot be reached.

    make audit

Exits with 1 for a locked version with a known vulnerability. Where the advisories cannot be reached nothing is known,
which is no failure: the last line says that it was skipped.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# How pip-audit says that a service did not answer. What is locked came from PyPI, so that a server which does not find
# it there is a mirror without advisories. Everything else that pip-audit fails of is a failure here as well.
UNREACHED = re.compile(
    r"ConnectionError|Max retries exceeded|Could not connect|timed? ?out|Name or service|Temporary failure|HTTPError"
    r"|not found on PyPI|ServiceError|Connection refused|ProxyError|SSLError|JSONDecodeError|Expecting value"
)


def audit(lock: Path) -> tuple[int, str]:
    """Return pip-audit's exit status for a lock, and all its words."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--strict", "--requirement"]
    done = subprocess.run(
        [*command, str(lock), "--progress-spinner", "off", "--timeout", "10"], capture_output=True, text=True
    )
    return done.returncode, f"{done.stdout}{done.stderr}"


def main() -> int:
    """Audit each lock."""
    failed = 0
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        status, words = audit(lock)
        if status and UNREACHED.search(words) and "Found" not in words:
            print(f"audit: SKIPPED, the advisories cannot be reached from here ({lock.name})")
            return failed
        print(f"audit: {lock.name}: {'clean' if not status else words.strip()}")
        failed = failed or int(status != 0)
    return failed


if __name__ == "__main__":
    sys.exit(main())
