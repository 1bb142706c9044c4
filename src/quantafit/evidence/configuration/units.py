"""Deployment units: what compose files, Dockerfiles and environment files say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from quantafit.evidence.configuration import env_file
from quantafit.evidence.configuration.commands import command_line, script_lines
from quantafit.evidence.configuration.compose import Build, EnvFile, Service
from quantafit.evidence.configuration.dockerfile import Dockerfile, Image, image, merged, parse
from quantafit.evidence.configuration.journal import Journal, plain_line_ends
from quantafit.evidence.configuration.paths import folder_of, under
from quantafit.model import Binding, Place, Unit

# Folders that say what they hold, not whose it is: a Dockerfile in them is named after something else.
_KINDS_OF_FOLDER = frozenset(
    {".docker", "build", "ci", "containers", "deploy", "deployment", "docker", "dockerfiles", "images"}
)
_PLAIN_NAMES = frozenset({"dockerfile", "containerfile"})
_NOTHING = Image(Place("", 1))


@dataclass(slots=True)
class Workshop:
    """Makes units, reading each environment file and each Dockerfile once."""

    journal: Journal
    env_files: dict[str, tuple[Binding, ...]] = field(default_factory=dict)
    dockerfiles: dict[str, Dockerfile] = field(default_factory=dict)

    def bindings(self, path: str) -> tuple[Binding, ...]:
        """The variables of an environment file that is in the tree."""
        if path not in self.env_files:
            self.env_files[path] = env_file.read(path, self.journal)
        return self.env_files[path]

    def from_service(self, service: Service) -> Unit:
        """The unit that a compose service describes, refined by its Dockerfile and its environment files."""
        build = service.build
        built = self._image(build) if build else _NOTHING
        given = (self._referred(one) for one in service.env_files)
        return Unit(
            name=service.name,
            place=service.place,
            hosts=tuple(dict.fromkeys((service.name, *service.names))),
            build=build.context if build else None,
            dockerfile=build.dockerfile if build else None,
            copies=_copies(build.context if build else None, built),
            command=self._with_scripts(
                command_line(service.entrypoint, service.command, built.entrypoint, built.command),
                _copies(build.context if build else None, built),
            ),
            image=service.image,
            environment=merged(built.environment, *given, service.environment),
            volumes=service.volumes,
            depends_on=service.depends_on,
            ports=service.ports,
            working_dir=service.working_dir or built.working_dir,
            absent=tuple(one.place for one in service.env_files if self._is_absent(one)),
            # Any other mode shares the network of the machine or of another container (Compose, "network_mode").
            alone=service.network_mode in (None, "bridge", "none"),
        )

    def from_dockerfile(self, path: str) -> Unit | None:
        """The unit that a Dockerfile describes by itself: its last stage, named after its folder."""
        dockerfile = self._dockerfile(path)
        built = image(dockerfile, None, {}) if dockerfile else None
        if built is None:
            return None
        context = self._context(folder_of(path), built)
        return Unit(
            name=unit_name(path),
            place=built.place,
            build=context,
            dockerfile=path,
            copies=_copies(context, built),
            command=self._with_scripts(
                command_line(None, None, built.entrypoint, built.command), _copies(context, built)
            ),
            environment=built.environment,
            working_dir=built.working_dir,
        )

    def _with_scripts(self, command: str | None, copies: tuple[str, ...]) -> str | None:
        """A command line, and below it the lines of the shell scripts that it runs, where the image copies them."""
        if command is None:
            return None
        found = (self._script(word.strip("\"'[],;"), copies) for word in command.split() if ".sh" in word)
        return "\n".join([command, *(script_lines(text) for text in found if text is not None)])

    def _script(self, word: str, copies: tuple[str, ...]) -> str | None:
        """The text of a script that an image copies: ``/app/bin/start.sh`` is ``bin/start.sh`` of what is copied."""
        parts = [part for part in word.split("/") if part not in ("", ".")]
        for end in ("/".join(parts[skip:]) for skip in range(len(parts))):
            for copied in copies:
                place = copied if f"/{copied}".endswith(f"/{end}") else under(copied, end)
                if place is not None and place in self.journal.workspace.select([place]):
                    self.journal.files.add(place)
                    return plain_line_ends(self.journal.glance(place).decode(errors="replace"))
        return None

    def _referred(self, reference: EnvFile) -> tuple[Binding, ...]:
        if reference.path is not None and self.journal.workspace.exists(reference.path):
            return self.bindings(reference.path)
        return ()

    def _is_absent(self, reference: EnvFile) -> bool:
        """Whether a unit is given variables that are not here: a file with secrets is often kept out of the tree."""
        here = reference.path is not None and self.journal.workspace.exists(reference.path)
        return reference.required and not here

    def _image(self, build: Build) -> Image:
        dockerfile = self._dockerfile_of(build)
        if dockerfile is None:
            return _NOTHING
        found = image(dockerfile, build.target, dict(build.arguments))
        if found is None and build.target is not None:
            self.journal.error(build.place, f"build target {build.target!r} is no stage of {build.dockerfile}")
        return found or _NOTHING

    def _dockerfile_of(self, build: Build) -> Dockerfile | None:
        if build.inline is not None:
            text, line = build.inline
            written = parse(plain_line_ends(text), build.place.path, line)
            self.journal.errors += written.errors
            return written
        if build.dockerfile is None:
            return None
        if not self.journal.workspace.exists(build.dockerfile):
            self.journal.error(build.place, f"build wants {build.dockerfile}, which is not in this tree")
            return None
        return self._dockerfile(build.dockerfile)

    def _dockerfile(self, path: str) -> Dockerfile | None:
        if path not in self.dockerfiles:
            text = self.journal.text(path)
            self.dockerfiles[path] = parse(text, path) if text is not None else Dockerfile((), ())
            self.journal.errors += self.dockerfiles[path].errors
        return self.dockerfiles[path]

    def _context(self, folder: str, built: Image) -> str:
        """The build context that nobody wrote down: where most of what is copied exists, the nearest folder first."""
        folders = [folder]
        while folders[-1] != ".":
            folders.append(folder_of(folders[-1]))
        return max(folders, key=lambda one: sum(self._is_in(one, source) for source in built.copies))

    def _is_in(self, folder: str, source: str) -> bool:
        path = _copied(folder, source)
        return path is not None and bool(self.journal.workspace.select([path]))


def unit_name(path: str) -> str:
    """What a Dockerfile that no deployment refers to is called: after its folder, else after its own name."""
    folder, _, file = path.rpartition("/")
    names = [name for name in folder.split("/") if name and name.lower() not in _KINDS_OF_FOLDER]
    words = [word for word in file.split(".") if word.lower() not in _PLAIN_NAMES]
    of_its_kind = folder.rpartition("/")[2].lower() in _KINDS_OF_FOLDER
    if words and (of_its_kind or not names):
        return ".".join(words)
    return names[-1] if names else "."


def sharing_images(services: Iterable[Service]) -> Iterator[Service]:
    """The services, where one that runs an image which another one builds is known to be built from the same code."""
    services = tuple(services)
    builds = {one.image: one.build for one in reversed(services) if one.image and one.build}
    for service in services:
        build = builds.get(service.image) if service.image and service.build is None else None
        yield replace(service, build=build) if build else service


def _copies(context: str | None, built: Image) -> tuple[str, ...]:
    paths = (_copied(context, source) for source in built.copies) if context is not None else ()
    return tuple(dict.fromkeys(path for path in paths if path is not None))


def _copied(context: str, source: str) -> str | None:
    # A leading slash, or dots that would leave it, mean the context itself (Dockerfile reference, "COPY").
    return under(context, source.lstrip("/") or ".")
