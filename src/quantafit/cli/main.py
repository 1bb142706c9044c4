"""The entry point: runs a command and turns every way in which it can end into an exit code.

=====  ==============================================================
``0``  the gate is passed, or the command did what was asked
``1``  the gate is failed, or the system did not come up for a drill
``2``  wrong use, or ``quanta.yaml`` is wrong
``3``  quantafit itself failed
=====  ==============================================================

130 means interrupted (Ctrl-C), as everywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from quantafit.cli.commands import group
from quantafit.errors import DrillError, UsageError

DRILL_FAILED, WRONG_USE, FAILED, INTERRUPTED = 1, 2, 3, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``quantafit`` with the arguments, by default those of the process. Returns the exit code, never raises."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return group.main(given, prog_name="quantafit", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except DrillError as error:
        from quantafit.report import redact

        _complain(f"quantafit: {redact(str(error))}")
        return DRILL_FAILED
    except UsageError as error:
        _complain(f"quantafit: {error}")
        return WRONG_USE
    except (click.Abort, KeyboardInterrupt):
        _complain("quantafit: interrupted")
        return INTERRUPTED
    except Exception as error:
        return _failed(error, traceback="--traceback" in given)


def _failed(error: Exception, *, traceback: bool) -> int:
    """quantafit's own fault: said in two lines, in full only to whoever asks."""
    from quantafit.report import redact

    if traceback:
        import traceback as tracebacks

        _complain(redact("".join(tracebacks.format_exception(error)), python=True))
    _complain(f"quantafit: it failed itself, and judged nothing: {type(error).__name__}: {redact(str(error))[:300]}")
    _complain("This is a fault in quantafit. Please report it, with the output of the same command and --traceback.")
    return FAILED


def _complain(text: str) -> None:
    """Say it on standard error, whatever characters that can show."""
    encoding = sys.stderr.encoding or "ascii"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
