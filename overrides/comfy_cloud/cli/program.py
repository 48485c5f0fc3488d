"""The parts that all commands share: options for the connection and the output, and how errors end a run."""

from __future__ import annotations

import dataclasses
import errno
import functools
import inspect
import json
import os
import re
import shlex
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, TypeGuard, get_type_hints

import typer
from rich.console import Console
from rich.text import Text

from .._core.job_state import NOT_CANCELLED
from .._core.secrets import redact_addresses
from .._profiles import profile_names
from ..errors import AuthenticationError, ComfyCloudError, ConfigurationError, SubmissionUncertainError
from . import program_name
from .exits import ExitCode, exit_code

if TYPE_CHECKING:
    from .._sync.client import ComfyCloud

PARTNER_VARIABLE = "COMFY_CLOUD_PARTNER_KEY"


def _complete_profile(incomplete: str) -> list[str]:
    try:
        return [name for name in profile_names() if name.startswith(incomplete)]
    except ConfigurationError:
        return []


Profile = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Profile of the settings file.", autocompletion=_complete_profile),
]
BaseUrl = Annotated[str | None, typer.Option(metavar="URL", help="Server, else that of the settings.")]
Json = Annotated[bool, typer.Option("--json", help="Print results as JSON, one object on a line.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No bars and no notes on stderr.")]


@dataclass
class Program:
    """A run of one command: the options that all commands have, and what it prints.

    Results go to stdout, everything else to stderr. `job_id` is the job that goes on if the run ends early, unless
    `cancels` is set and the client could cancel it. `resume` says how to go on instead. `hidden` takes bars off the
    screen while a line is printed.
    """

    profile: Profile = None
    base_url: BaseUrl = None
    json: Json = False
    quiet: Quiet = False
    job_id: str | None = field(default=None, init=False)
    cancels: bool = field(default=False, init=False)
    resume: str | None = field(default=None, init=False)
    hidden: Callable[[], AbstractContextManager[object]] = field(default=nullcontext, init=False)
    _failed: ExitCode = field(default=ExitCode.OK, init=False)

    @property
    def err(self) -> Console:
        """The console for everything that is no result."""
        return Console(stderr=True, highlight=False, markup=False, emoji=False)

    def cloud(self) -> ComfyCloud:
        """Return a client with the settings of the options, the environment and the profile."""
        from .._sync.client import ComfyCloud  # with httpx, which the help does not need

        return ComfyCloud.from_profile(self.profile, base_url=self.base_url)

    def partner_key(self) -> str | None:
        """Return the key for paid partner nodes. It is no option, since others can see the arguments of a program."""
        return os.environ.get(PARTNER_VARIABLE, "").strip() or None

    def emit(self, value: Any, *lines: str) -> None:
        """Print a result: as one line of JSON with `--json`, else these lines."""
        with self.hidden():
            for line in [json_text(value)] if self.json else lines:
                typer.echo(encodable(line))

    def note(self, text: str, *, style: str | None = None) -> None:
        """Print a line to stderr that is no result and no error; nothing with `--quiet`."""
        if not self.quiet:
            self._tell(printable(text), style=style)

    def _tell(self, text: str | Text, style: str | None = None) -> None:
        # A stderr that cannot be written changes nothing of what the command does.
        with self.hidden(), suppress(OSError):
            self.err.print(text, style=style, soft_wrap=True)

    def command_line(self, *arguments: str) -> str:
        """Return a command to type, with the options of this run that choose the server."""
        chosen = ["--profile", self.profile] if self.profile else []
        chosen += ["--base-url", redact_addresses(self.base_url)] if self.base_url else []
        return f"{program_name()} {shlex.join([*arguments, *chosen])}"

    def fail(self, error: BaseException, code: ExitCode | None = None, *, hint: str | None = None) -> None:
        """Print an error, and let the run end with its exit code. The first error of a run decides."""
        code = exit_code(error) if code is None else code
        message = printable(_message(error))
        if self.json:
            about = {"type": type(error).__name__, "message": message, "exit_code": int(code)}
            about |= {"job_id": getattr(error, "job_id", None) or self.job_id, "hint": hint}
            shown = [Text(json.dumps({"error": about}, ensure_ascii=False))]
        else:
            shown = [Text.assemble(("Error:", "bold red"), f" {message}"), *([Text(hint)] if hint else [])]
        for text in shown:
            self._tell(text)
        self._failed = self._failed or code

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn errors into messages and exit codes, and warnings into lines on stderr."""
        with warnings.catch_warnings():
            # The names of a module and a line of it tell a user of the shell nothing.
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = lambda message, *_args, **_more: self.note(f"Warning: {message}", style="yellow")
            try:
                yield
            except (ComfyCloudError, OSError) as error:
                if _is_of_output(error) and error.errno == errno.EPIPE:
                    if hint := self._hint(error):  # a job that nobody has heard of
                        self._tell(Text(hint))
                    raise  # whoever read the output has enough
                self.fail(error, hint=self._hint(error))
            except ValueError as error:  # what the client says of an argument, before anything is sent
                self.fail(error, ExitCode.USAGE)
            except KeyboardInterrupt as error:
                self.fail(Interrupted("interrupted"), ExitCode.INTERRUPTED, hint=self._hint(error))
        if self._failed:
            raise typer.Exit(int(self._failed))

    def _hint(self, error: BaseException) -> str | None:
        if self.resume is not None:
            return self.resume
        if self.job_id is not None and (_is_of_output(error) or exit_code(error) in _GOES_ON):
            refused = [note for note in getattr(error, "__notes__", ()) if NOT_CANCELLED in note]
            if refused or not self.cancels:
                return self._go_on(self.job_id, *map(spelled, refused), f"Job {self.job_id} goes on.")
            return f"Job {self.job_id} is cancelled."
        sent = isinstance(error, KeyboardInterrupt | SubmissionUncertainError)
        if sent and (submission := getattr(error, "submission_id", None)):
            return self._go_on(submission, f"The server may have accepted the job as {submission}.")
        if isinstance(error, ConfigurationError | AuthenticationError):
            return f"settings in use:  {self.command_line('doctor')}"
        return None

    def _go_on(self, job_id: str, *reasons: str) -> str:
        wait, cancel = (self.command_line(word, job_id) for word in ("wait", "cancel"))
        return "\n".join(reasons) + f"\nto wait for it:  {wait}\nto cancel it:    {cancel}"


def _message(error: BaseException) -> str:
    if isinstance(error, OSError) and not isinstance(error, ComfyCloudError) and error.strerror:
        return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
    return spelled(str(error)) or type(error).__name__


# The client tells what to do in Python. Each pattern is what a command calls in another way.
_SPELLINGS = (
    (r"force=True does it", "cancel --force does it"),
    (r"; wait\(\) takes (it|them) up again", ""),
    (r"pass api_key or set (\w+)", r"set \1 or use --profile"),
    (r"submit it with partner_key=", f"its key is read from {PARTNER_VARIABLE}"),
    (r"cloud\.assets\.import_url\('(.*?)'\)", r"comfy-cloud assets import \1"),
)


def spelled(text: str) -> str:
    """Return what the client says in the words of the command line."""
    for pattern, words in _SPELLINGS:
        text = re.sub(pattern, words, text)
    return text


# Errors of these kinds end the wait for a job, and not the job.
_GOES_ON = {ExitCode.INTERRUPTED, ExitCode.TIMEOUT, ExitCode.CONNECTION, ExitCode.SERVER}


def _is_of_output(error: BaseException) -> TypeGuard[OSError]:
    """Return whether stdout could not be written: its reader has gone, or its disk is full."""
    return isinstance(error, OSError) and not isinstance(error, ComfyCloudError) and error.filename is None


class Interrupted(Exception):
    """The user pressed Ctrl-C. The name is the type of the error in JSON."""


def printable(text: str) -> str:
    """Return a text of a server without characters that control a terminal."""
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)


def encodable(text: str, encoding: str | None = None) -> str:
    """Return a text in which what stdout cannot encode is escaped. A pipe of Windows takes few characters, for one."""
    name: str = encoding or getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(name, "backslashreplace").decode(name)


def json_text(value: Any, encoding: str | None = None, *, indent: int | None = None) -> str:
    """Return a value as JSON that stdout, or a file with another encoding, can hold."""
    text = json.dumps(value, ensure_ascii=False, default=str, indent=indent)
    return text if encodable(text, encoding) == text else json.dumps(value, default=str, indent=indent)


def command(
    app: typer.Typer, example: str, *, name: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that adds a function as a command, and `example` to its help.

    A parameter whose type is a dataclass stands for the options that are its fields. The first one is a Program. What
    the function raises becomes a message and an exit code.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        taken = inspect.signature(function, eval_str=True).parameters.values()
        groups: dict[str, Any] = {
            each.name: each.annotation for each in taken if dataclasses.is_dataclass(each.annotation)
        }

        @functools.wraps(function)
        def call(**values: Any) -> None:
            for each, kind in groups.items():
                values[each] = kind(**{option.name: values.pop(option.name) for option in _options(kind)})
            with values["program"].reporting():
                function(**values)

        shared, *others = groups.values()
        parameters = [each for each in taken if each.name not in groups]
        parameters += [option for kind in (*others, shared) for option in _options(kind)]
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__annotations__ = {each.name: each.annotation for each in parameters}
        # A short help that is given is wrapped in the list of commands. Another one is cut at the end of the line.
        summary = str(inspect.getdoc(function)).partition("\n")[0].partition(". ")[0].rstrip(".") + "."
        app.command(name, short_help=summary, epilog=f"Example:  comfy-cloud {example}")(call)
        return function

    return register


def group(app: typer.Typer, name: str, summary: str, example: str) -> typer.Typer:
    """Add a group of commands with an example in its help, and return it."""
    added = typer.Typer(help=f"{summary}\n\nExample:  comfy-cloud {name} {example}", no_args_is_help=True)
    app.add_typer(added, name=name, short_help=summary)
    return added


def _options(group: Any) -> list[inspect.Parameter]:
    """Return the fields of a dataclass as parameters of a command."""
    kinds = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(of.name, inspect.Parameter.KEYWORD_ONLY, default=of.default, annotation=kinds[of.name])
        for of in dataclasses.fields(group)
        if of.init
    ]
