"""Drills: experiments on the running system. They make evidence; fitness functions judge it.

A :class:`Bench` runs the parts of a system, takes them away and brings them back. A :class:`Run` is one experiment on
it and makes the record. Whatever happens, nothing stays behind (:mod:`quantafit.drills.ledger`).
"""

from quantafit.drills.bench import Bench
from quantafit.drills.parts import CallablePart, CommandPart, Part, ProcessPart
from quantafit.drills.proxy import Proxy
from quantafit.drills.records import read_records, records_text, schema
from quantafit.drills.run import Run, Tell
from quantafit.drills.script import Stage
from quantafit.drills.workloads import Item, Source

__all__ = [
    "Bench",
    "CallablePart",
    "CommandPart",
    "Item",
    "Part",
    "ProcessPart",
    "Proxy",
    "Run",
    "Source",
    "Stage",
    "Tell",
    "read_records",
    "records_text",
    "schema",
]
