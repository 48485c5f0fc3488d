"""The ledger of a batch: a SQLite file that says of every row where it stands, and a lock that names its owner.

What is committed survives a crash of the machine (WAL, `synchronous=FULL`). Other tools may read the ledger at any
time; its columns are text, numbers and JSON. It holds no key. Blocks, so async code calls it in a thread.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from ._constants import BATCH_CHUNK, BATCH_CONCURRENCY, LEDGER_PATIENCE
from ._core import batch as rules
from ._core.batch import Item, ItemState, digest, encoded, folder_name
from .errors import BatchConflictError, BatchError, BatchInUseError

VERSION: Final = 1
_SCHEMA: Final = f"""
CREATE TABLE workflows (digest TEXT PRIMARY KEY, graph TEXT NOT NULL) STRICT;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE rows (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    folder TEXT NOT NULL UNIQUE COLLATE NOCASE,
    content TEXT NOT NULL,
    params TEXT NOT NULL,
    workflow TEXT NOT NULL REFERENCES workflows (digest),
    changes TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'planned' CHECK (state IN ({", ".join(f"'{state}'" for state in ItemState)})),
    tries INTEGER NOT NULL DEFAULT 0,
    submission_id TEXT,
    job_id TEXT,
    submitted_at TEXT,
    ended_at TEXT,
    seconds REAL,
    credits REAL,
    files TEXT NOT NULL DEFAULT '[]',
    error_type TEXT,
    error TEXT,
    followed INTEGER,
    result TEXT
) STRICT;
CREATE TABLE earlier_jobs (number INTEGER NOT NULL REFERENCES rows (number), job_id TEXT NOT NULL, credits REAL) STRICT;
CREATE TRIGGER row_gives_up_its_job AFTER UPDATE OF job_id ON rows WHEN old.job_id IS NOT NULL AND new.job_id IS NULL
BEGIN INSERT INTO earlier_jobs VALUES (new.number, old.job_id, new.credits); \
UPDATE rows SET credits = NULL WHERE number = new.number; END;
CREATE INDEX rows_by_state ON rows (state, number);
CREATE INDEX rows_to_follow ON rows (number) WHERE state = 'done' AND followed IS NULL;
PRAGMA user_version = {VERSION};
"""  # noqa: S608 - ours
# Names in the folder of a batch that no row may have.
_OWN_NAMES: Final = frozenset({"batch.sqlite", "batch.sqlite-wal", "batch.sqlite-shm", "batch.lock", "index.html"})

Record = sqlite3.Row
Changes = dict[int, dict[str, Any]]
"""Columns and their new values, by the numbers of rows."""


class Ledger:
    """The ledger in `folder`, made if need be, and owned until `close`. Raises BatchError and BatchInUseError."""

    def __init__(self, folder: Path, server: str) -> None:
        self.folder = folder
        self._path = folder / "batch.sqlite"
        self._lock = threading.RLock()
        self._base: tuple[str, dict[str, Any]] = "", {}  # the workflow that was read last
        with self._named():
            folder.mkdir(parents=True, exist_ok=True)
            self._owner = _own(folder / "batch.lock")
        try:
            with self._named():
                # One connection for all threads, behind a lock of ours: WAL has one writer at a time anyway.
                self._db = sqlite3.connect(
                    self._path, timeout=LEDGER_PATIENCE, isolation_level=None, check_same_thread=False
                )
                self._db.row_factory = sqlite3.Row
                for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
                    self._db.execute(f"PRAGMA {pragma}")
                with self.writing():
                    if self._value("PRAGMA user_version") > VERSION:
                        raise BatchError(f"{self._path} was written by a newer version: update comfy-cloud to open it")
                    if self._value("PRAGMA user_version") == 0:
                        for statement in _SCHEMA.split(";\n"):
                            self._db.execute(statement)
                kept = self.fact("server") or server
                if kept != server:
                    raise BatchError(f"the batch in {folder} belongs to {kept}, not to {server}: use another folder")
                self.remember("server", server)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the ledger and give it up; may be called again."""
        with self._lock, contextlib.suppress(AttributeError):
            self._db.close()
        self._owner.close()

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            locked = "locked" in str(error)
            hint = "another program holds a lock on it, close that" if locked else "what was recorded before is safe"
            raise BatchError(f"could not use the ledger {self._path}: {error}; {hint}") from error

    @contextlib.contextmanager
    def _reading(self, row: Record) -> Iterator[None]:
        """Raise BatchError for a row that another program, or a failing disk, has damaged."""
        try:
            yield
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise BatchError(f"row {row['key']!r} of the ledger {self._path} is damaged: {error}") from error

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Make what is done inside one transaction, on disk when it is left."""
        with self._lock, self._named():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _value(self, query: str, *values: Any) -> Any:
        with self._lock, self._named():
            row = self._db.execute(query, values).fetchone()
        return None if row is None else row[0]

    def fact(self, name: str) -> str | None:
        """Return what was remembered under a name."""
        value: str | None = self._value("SELECT value FROM facts WHERE name = ?", name)
        return value

    def remember(self, name: str, value: str) -> None:
        """Keep a fact about the batch."""
        if self.fact(name) != value:
            with self.writing():
                self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def add(self, rows: Iterable[tuple[str, str, str, str, str]]) -> int:
        """Add rows (key, content, params, base, changes) that are not there; return how many were new.

        Raises BatchConflictError for a key that has other content.
        """
        new = 0
        with self.writing():
            for key, content, params, base, changes in rows:
                encoded(key + params)
                known = self._value("SELECT content FROM rows WHERE key = ?", key)
                if known == content:
                    continue
                if known is not None:
                    raise BatchConflictError(
                        f"key {key!r} is in the batch with another workflow or other files: use another key, or another"
                        " folder",
                        key=key,
                    )
                folder = folder_name(key, taken=key.lower() in _OWN_NAMES)
                if self._value("SELECT 1 FROM rows WHERE folder = ?", folder):
                    folder = folder_name(key, taken=True)
                workflow = digest(base)
                self._db.execute("INSERT OR IGNORE INTO workflows VALUES (?, ?)", (workflow, base))
                self._db.execute(
                    "INSERT INTO rows (key, folder, content, params, workflow, changes) VALUES (?, ?, ?, ?, ?, ?)",
                    (key, folder, content, params, workflow, changes),
                )
                new += 1
        return new

    def rows(self, where: str = "TRUE", *values: Any, limit: int = -1) -> list[Record]:
        """Return rows in the order in which they were added. `where` is a condition in SQL, of ours."""
        query = f"SELECT * FROM rows WHERE {where} ORDER BY number LIMIT ?"  # noqa: S608
        with self._lock, self._named():
            return self._db.execute(query, (*values, limit)).fetchall()

    def each(self, where: str = "TRUE") -> Iterator[Record]:
        """Yield rows a few hundred at a time, so that any number of them needs little memory."""
        last = 0
        while rows := self.rows(f"{where} AND number > ?", last, limit=BATCH_CHUNK):
            yield from rows
            last = rows[-1]["number"]

    def has_planned(self) -> bool:
        """Return whether there are rows to submit."""
        return self._value("SELECT 1 FROM rows WHERE state = 'planned' LIMIT 1") is not None

    def graph(self, row: Record) -> dict[str, Any]:
        """Return the graph of a row, files as `to_json` writes them. Rows of a sweep share what they have in common."""
        with self._reading(row):
            if self._base[0] != row["workflow"]:
                text = self._value("SELECT graph FROM workflows WHERE digest = ?", row["workflow"])
                self._base = row["workflow"], json.loads(text)
            graph = dict(self._base[1])
            for node, inputs in json.loads(row["changes"]).items():
                graph[node] = {**graph[node], "inputs": {**graph[node]["inputs"], **inputs}}
            return graph

    def record(
        self, changes: Changes, room: Callable[[], int] = lambda: 0, now: str = ""
    ) -> tuple[list[Record], list[Record]]:
        """Change columns of rows and make as many planned rows *submitting* as there is room for, all or none.

        `room` is asked once the changes are made. Returns the rows that were changed, and those that are to be
        submitted, with the id that their submit will carry.
        """
        changed, claimed = list[Record](), list[Record]()
        with self.writing():
            for number, columns in changes.items():
                names = ", ".join(f"{name} = ?" for name in columns)
                query = f"UPDATE rows SET {names} WHERE number = ? RETURNING *"  # noqa: S608 - names of ours
                changed += self._db.execute(query, (*columns.values(), number)).fetchall()
            if planned := self.rows("state = 'planned'", limit=BATCH_CONCURRENCY):
                for row in planned[: max(0, room())]:
                    claimed += self._db.execute(
                        "UPDATE rows SET state = 'submitting', submission_id = ifnull(submission_id, ?),"
                        " submitted_at = ? WHERE number = ? RETURNING *",
                        (str(uuid4()), now, row["number"]),
                    ).fetchall()
        return changed, claimed

    def counts(self) -> dict[ItemState, int]:
        """Return how many rows are in each state."""
        with self._lock, self._named():
            found = dict(self._db.execute("SELECT state, count(*) FROM rows GROUP BY state").fetchall())
        return {state: found.get(state, 0) for state in ItemState}

    def cost(self) -> rules.Cost:
        """Return what the jobs have cost so far, where the server told it."""
        told = "SELECT credits AS told FROM rows UNION ALL SELECT credits FROM earlier_jobs"
        done = "SELECT count(*) FROM rows WHERE state = 'done'"
        query = f"SELECT total(told), max(told), avg(told), ({done}) FROM ({told})"  # noqa: S608 - ours
        with self._lock, self._named():
            return rules.Cost(*self._db.execute(query).fetchone())

    def plan(self) -> rules.BatchPlan:
        """Return how much is to be done, and what it will take by what was measured."""
        counts, each = self.counts(), self.cost().mean
        seconds, left = self._value("SELECT avg(seconds) FROM rows WHERE state = 'done'"), rules.open_rows(counts)
        # By Little's law: so many jobs at a time are in the system, each of them for that long.
        seconds = None if seconds is None else left * seconds / int(self.fact("window") or 1)
        return rules.BatchPlan(left, sum(counts.values()), seconds, None if each is None else left * each)

    def retry(self, states: Collection[str]) -> int:
        """Plan rows anew, but for jobs that only were not saved; return how many."""
        job_stays = "job_id IS NOT NULL AND error_type = 'DownloadError'"
        marks = ", ".join(f"'{state}'" for state in states)
        with self.writing():
            calls = self._db.execute(
                "UPDATE rows SET followed = NULL, result = NULL WHERE followed = 0 AND state = 'done'"
            )
            rows = self._db.execute(
                f"UPDATE rows SET state = iif({job_stays}, 'submitted', 'planned'), tries = 0,"  # noqa: S608 - ours
                f" submission_id = iif({job_stays}, submission_id, NULL), job_id = iif({job_stays}, job_id, NULL),"
                f" error = NULL, error_type = NULL WHERE state IN ({marks})"
            )
        return calls.rowcount + rows.rowcount

    def cancel_planned(self) -> None:
        """Cancel the rows that were not submitted."""
        with self.writing():
            self._db.execute("UPDATE rows SET state = 'cancelled' WHERE state = 'planned'")

    def item(self, row: Record) -> Item:
        """Return what a user sees of a row."""
        with self._reading(row):
            files = [self.folder / row["folder"] / file["name"] for file in json.loads(row["files"])]
            result = None if row["result"] is None else json.loads(row["result"])
            params = json.loads(row["params"])
        failed = row["followed"] == 0
        return Item(
            key=row["key"],
            params=params,
            state=ItemState(row["state"]),
            job_id=row["job_id"],
            submission_id=row["submission_id"],
            paths=tuple(files),
            error=str(result) if failed else row["error"],
            seconds=row["seconds"],
            tries=row["tries"],
            result=None if failed else result,
        )


def _own(path: Path) -> sqlite3.Connection:
    """Take the lock of a batch: a transaction that stays open until its process ends, in whatever way."""
    db = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    row = None
    me = json.dumps([os.getpid(), socket.gethostname(), datetime.now(UTC).isoformat(timespec="seconds")])
    try:
        db.executescript("CREATE TABLE IF NOT EXISTS owner (owner TEXT NOT NULL) STRICT; DELETE FROM owner")
        db.execute("INSERT INTO owner VALUES (?)", (me,))
        db.execute("BEGIN IMMEDIATE")
        (owner,) = db.execute("SELECT owner FROM owner").fetchone()
        if owner == me:
            return db
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            db.close()
            raise
    with contextlib.suppress(sqlite3.Error):
        row = db.execute("SELECT owner FROM owner").fetchone()
    pid, host, since = json.loads(row[0]) if row else (None, "unknown", "now")
    db.close()
    raise BatchInUseError(
        f"the batch in {path.parent} is in use by process {pid} on {host}, since {since}: wait for it, or end it",
        pid=pid,
        host=host,
    )
