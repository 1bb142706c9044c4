"""Declared drills, carried out: the bench that a declaration describes, and the steps of each experiment on it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from quantafit.drills.bench import Bench
from quantafit.drills.parts import CommandPart, Part, ProcessPart
from quantafit.drills.placeholders import fill, fill_all, ports_for
from quantafit.drills.proxy import Proxy
from quantafit.drills.run import Run, Tell
from quantafit.drills.workloads import Source
from quantafit.errors import DrillError, UsageError
from quantafit.model import Act, Drill, DrillPart, Drills, DrillStep, Experiment, Ready


class Stage:
    """What a declaration says of the running system, with its placeholders filled in.

    ``root`` is the tree, where commands are run. ``folder`` is where the processes keep what they write; by default a
    new one that is removed in the end. ``sources`` put callables in the place of declared workloads and probes.
    """

    def __init__(
        self,
        drills: Drills,
        root: Path,
        folder: Path | None = None,
        *,
        seed: int | None = None,
        ledgers_in: Path | None = None,
        tell: Tell | None = None,
        sources: Mapping[str, Source] | None = None,
    ) -> None:
        self._root = root.resolve()
        keep = folder is not None
        folder = folder or Path(tempfile.mkdtemp(prefix="quantafit-drill-"))
        self._values = {
            **ports_for(drills),
            "root": str(self._root),
            "folder": str(folder.resolve()),
            "python": sys.executable,
        }
        self._tell = tell
        self.bench = Bench(
            [self._part(part) for part in drills.parts],
            proxies={part.name: proxy for part in drills.parts if (proxy := self._proxy(part)) is not None},
            folder=folder,
            keep=keep,
            ledgers_in=ledgers_in,
            prepare=fill_all(drills.prepare, self._values),
            clean_up=fill_all(drills.clean_up, self._values),
            working_folder=self._root,
            starting=max((part.starting for part in drills.parts), default=30.0),
            embedded_broker=drills.embedded_broker,
            seed=seed,
        )
        self._values["seed"] = str(self.bench.seed)
        declared = {**drills.workloads, **drills.probes}
        self._sources = {name: fill_all(command, self._values) for name, command in declared.items()} | {
            **(sources or {})
        }

    def value(self, name: str) -> str:
        """What a placeholder stands for: ``folder``, ``port:NAME``. Raises KeyError where it occurs nowhere."""
        return self._values[name]

    def source(self, name: str) -> Source:
        """The workload or probe of that name. Raises UsageError where there is none."""
        if name not in self._sources:
            raise UsageError(f"there is no workload or probe {name!r}; known: {', '.join(self._sources)}")
        return self._sources[name]

    def perform(self, drill: Drill) -> Experiment:
        """Carry out one experiment; the bench has been entered. What goes wrong is the record's ``problem``.

        Raises KeyboardInterrupt where the drill is stopped.
        """
        run = Run(
            self.bench,
            drill.name,
            drill.proves,
            quantum=drill.quantum,
            interaction=drill.interaction,
            within=drill.within,
            slower_at_most=drill.slower_at_most,
            tell=self._tell,
        )
        try:
            with run:
                for step in drill.steps:
                    self._do(run, step)
        except DrillError:
            pass  # the record has it
        return run.experiment

    def _do(self, run: Run, step: DrillStep) -> None:
        run.at_line(step.place.line)
        match step.act:
            case Act.STOP:
                run.stop(*step.targets)
            case Act.KILL:
                run.kill(*step.targets)
            case Act.PAUSE:
                run.pause(*step.targets)
            case Act.SLOW:
                run.slow(*step.targets, seconds=step.seconds or 0.0)
            case Act.PARTITION:
                run.partition(*step.targets)
            case Act.START:
                run.start(*step.targets, seconds=step.seconds)
            case Act.WAIT:
                run.wait(step.seconds or 0.0)
            case Act.DRIVE:
                self._drive(run, step)
            case Act.COUNT:
                for name in step.targets:
                    run.count(name, self._sources[name], seconds=step.seconds, settle=step.settle)

    def _drive(self, run: Run, step: DrillStep) -> None:
        (name,) = step.targets
        with run.driving(name, self._sources[name], seconds=step.seconds):
            for inner in step.meanwhile:
                self._do(run, inner)
            run.at_line(step.place.line)

    def _part(self, part: DrillPart) -> Part:
        values = {**self._values, "part": part.name}
        ready = Ready(
            port=fill(part.ready.port, values),
            url=fill(part.ready.url, values),
            line=part.ready.line,
            command=fill_all(part.ready.command, values),
        )
        if part.run:
            env = {name: fill(value, values) for name, value in part.env.items()}
            run = fill_all(part.run, values)
            return ProcessPart(part.name, run, part.quantum, part.kind, env, ready, folder=self._root)
        commands = {act: fill_all(command, values) for act, command in part.commands.items()}
        return CommandPart(part.name, commands, part.quantum, part.kind, ready, folder=self._root)

    def _proxy(self, part: DrillPart) -> Proxy | None:
        if part.proxy is None:
            return None
        values = {**self._values, "part": part.name}
        host, _, port = fill(part.proxy.to, values).rpartition(":")
        return Proxy(int(fill(part.proxy.listen, values)), host or "127.0.0.1", int(port))
