"""Deployment units to code bases: what each unit runs, and which units run the same.

Told by the build context and what the Dockerfile copies of it, by folders that are mounted into the container, by the
command where one image is started in several ways, and by names where a manifest names only an image.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from quantafit.app.proposing.grounds import Grounds
from quantafit.app.proposing.products import image_name, is_placeholder, is_product, is_product_image, words
from quantafit.model import Unit

_ROLES = (
    "admin api asgi backend beat celery cli consumer consumers cron daemon http jobs listener migrate migrations "
    "publisher rest rpc scheduler server subscriber tasks web worker workers wsgi"
)
ROLES = frozenset(_ROLES.split())
"""Words that say what part of one code base a process is, and not whose code it runs."""

_NOISE = (
    "container cronjob depl deploy deployment dev job local migration migrations pod prod service srv staging "
    "statefulset svc"
)
NOISE = frozenset(_NOISE.split())
"""Words that names of deployment units end in, and that say nothing of the quantum."""

_PLAIN = ". app apps asgi backend code docker main manage python run server service services source src wsgi"
PLAIN_NAMES = frozenset(_PLAIN.split())
"""Names of folders and modules that say what they hold, and not whose it is."""

_MOUNT = re.compile(r"(?:\$PWD|\$\{PWD\}|\$\(pwd\))/")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, slots=True)
class Deployable:
    """Units that run one code base. ``source`` is its Python code; ``shared`` what other code bases also contain.

    Without source, ``folder`` is where it is built from, if it is built here at all. ``guessed`` are the units that
    were taken for it by their names alone.
    """

    units: tuple[Unit, ...]
    source: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    folder: str | None = None
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployables:
    """What is deployed: code bases, and the units of products that nobody here writes.

    ``unclear`` are Dockerfiles that no deployment refers to and that copy no code: images that others begin from,
    perhaps.
    """

    own: tuple[Deployable, ...]
    products: tuple[Unit, ...] = ()
    unclear: tuple[Unit, ...] = ()


def deployables(units: Sequence[Unit], grounds: Grounds) -> Deployables:
    """The code bases that units run, in the order of their first units."""
    code = _codes(units, grounds)
    groups = _split_by_command(_grouped(units, code), grounds)
    products, unclear, images = list[Unit](), list[Unit](), list[Unit]()
    built: dict[str, list[Unit]] = defaultdict(list)
    for unit, own in zip(units, code, strict=True):
        if own:
            continue
        if _is_product(unit, grounds):
            products.append(unit)
        elif _is_unclear(unit, grounds):
            unclear.append(unit)
        elif unit.build is not None:
            built[unit.build].append(unit)
        else:
            images.append(unit)
    groups += [Deployable(tuple(found), folder=folder) for folder, found in built.items()]
    groups = joined_by_name(groups, images)
    return Deployables(tuple(_without_shared(groups)), tuple(products), tuple(unclear))


def is_lone_dockerfile(unit: Unit) -> bool:
    """Whether a unit is known from a Dockerfile alone, that no deployment refers to."""
    return unit.dockerfile == unit.place.path


# What a unit runs ---------------------------------------------------------------------------------------------------


def _codes(units: Sequence[Unit], grounds: Grounds) -> list[tuple[str, ...]]:
    common = _common_contexts(units, grounds)
    parted = _parted_by_mounts(units, grounds)
    return [parted.get(id(unit)) or _code(unit, common, grounds) for unit in units]


def _parted_by_mounts(units: Sequence[Unit], grounds: Grounds) -> dict[int, tuple[str, ...]]:
    """The code of units that are built from one context, and each shown another part of it: that is what each runs."""
    built: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.build is not None and not is_lone_dockerfile(unit):
            built[unit.build].append(unit)
    parted: dict[int, tuple[str, ...]] = {}
    for context, of_context in built.items():
        parts = {id(unit): _mounted_code(unit, grounds, inside=context) for unit in of_context}
        if all(parts.values()) and len(set(parts.values())) == len(parts) > 1:
            parted.update(parts)
    return parted


def _common_contexts(units: Sequence[Unit], grounds: Grounds) -> set[str]:
    """Build contexts that hold the code of several deployables: a context alone does not say what a unit runs."""
    contexts = {unit.build for unit in units if unit.build is not None and grounds.code(unit.build)}
    copied: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for unit in units:
        code = _copied(unit, grounds)
        if unit.build in contexts and (code or _may_copy_all(unit)):
            copied[unit.build].add(code)
    common = {context for context, different in copied.items() if len(different) > 1 or context == "."}
    homes = contexts | {_folder(unit.dockerfile) for unit in units if unit.dockerfile and unit.build in contexts}
    return common | contexts.intersection(folder for home in homes for folder in _above(home))


def _code(unit: Unit, common: set[str], grounds: Grounds) -> tuple[str, ...]:
    """The Python code of a unit: the whole context where it is the unit's own, else what is known of it.

    What is mounted over an image that contains no code, or that others are built from too, is the code that runs.
    """
    context = unit.build
    mounted = _mounted_code(unit, grounds)
    if context is not None and grounds.code(context):
        copied = _copied(unit, grounds)
        if not (copied or _may_copy_all(unit)):
            return mounted
        if context not in common:
            return (context,)
        home = _folder(unit.dockerfile) if unit.dockerfile else context
        if copied:
            return copied
        if home != context and _inside(home, context) and grounds.code(home):
            return (home,)
        if not is_lone_dockerfile(unit) or context in unit.copies:
            return (context,)
    return mounted


def _may_copy_all(unit: Unit) -> bool:
    """Whether an image may contain its whole context: the Dockerfile says so, or says nothing."""
    return not unit.copies or unit.build in unit.copies or "." in unit.copies


def _copied(unit: Unit, grounds: Grounds) -> tuple[str, ...]:
    """What the image contains of its context, where that is less than all of it."""
    if unit.build in unit.copies or "." in unit.copies:
        return ()
    return _outermost(path for path in unit.copies if grounds.code(path))


def _mounted_code(unit: Unit, grounds: Grounds, inside: str | None = None) -> tuple[str, ...]:
    """The Python code that is mounted into a unit's container, or only that strictly inside a folder."""
    paths = (path for path in map(_mounted, unit.volumes) if path and grounds.code(path))
    return _outermost(path for path in paths if inside is None or (path != inside and _inside(path, inside)))


def _mounted(volume: str) -> str:
    """The folder under the root that a mount shows to a container; empty where it shows none.

    Paths from the compose file's folder are relative to the root already. ``$PWD`` is where Compose is started from,
    which is taken to be the root.
    """
    source, colon, _ = volume.partition(":")
    if not colon or source.startswith(("/", "..")):
        return ""
    plain = _MOUNT.sub("", source).removeprefix("./")
    return plain.strip("/") if plain not in (source, ".", "") else ""


# Which units run the same -------------------------------------------------------------------------------------------


def _grouped(units: Sequence[Unit], codes: Sequence[tuple[str, ...]]) -> list[Deployable]:
    """Units by equal code; code that is part of exactly one other code base is that one's (a worker of an API)."""
    groups: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
    for unit, code in zip(units, codes, strict=True):
        if code:
            groups[code].append(unit)
    holding: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for code in groups:
        for path in code:
            holding[path].append(code)
    for code in sorted(groups, key=len):
        containing = [other for other in holding[code[0]] if other in groups and set(code) < set(other)]
        if len(containing) == 1:
            groups[containing[0]] += groups.pop(code)
    order = {id(unit): index for index, unit in enumerate(units)}
    found = [
        Deployable(tuple(sorted(of_group, key=lambda unit: order[id(unit)])), code) for code, of_group in groups.items()
    ]
    return sorted(found, key=lambda group: order[id(group.units[0])])


def _split_by_command(groups: Iterable[Deployable], grounds: Grounds) -> list[Deployable]:
    """One image that several quanta are started from, each by a command of its own, taken apart again."""
    return [part for group in groups for part in _parts(group, grounds)]


def _parts(group: Deployable, grounds: Grounds) -> list[Deployable]:
    folders = {unit.name: _entry_folder(unit, group.source, grounds) for unit in group.units}
    told = {folder for folder in folders.values() if folder is not None}
    if len(told) < 2 or not _are_separate(told):
        return [group]
    base = _common_folder(told)
    homes = {folder: _home(folder, base) for folder in told}
    first = next(homes[folder] for folder in folders.values() if folder is not None)
    parts: dict[str, list[Unit]] = defaultdict(list)
    for unit in group.units:
        folder = folders[unit.name]
        parts[first if folder is None else homes[folder]].append(unit)
    return [Deployable(tuple(found), (home,), group.source) for home, found in parts.items()]


def _are_separate(folders: set[str]) -> bool:
    """Whether entry points in these folders are those of different code bases, as far as names tell."""
    nested = any(one != other and _inside(one, other) for one in folders for other in folders)
    return not nested and not any(ROLES & set(words(folder.rpartition("/")[2])) for folder in folders)


def _home(folder: str, base: str) -> str:
    """The folder directly below ``base`` that an entry point is in."""
    inside = folder.removeprefix(base).lstrip("/") if base else folder
    first = inside.partition("/")[0]
    return f"{base}/{first}" if base else first


def _common_folder(folders: Iterable[str]) -> str:
    parts = [folder.split("/") for folder in folders]
    common = []
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        common.append(level[0])
    return "/".join(common)


def _entry_folder(unit: Unit, source: Sequence[str], grounds: Grounds) -> str | None:
    """The folder of the module or script that a unit's command starts, where exactly one can be meant."""
    code = [path for place in source for path in grounds.code(place)]
    for word in re.split(r"[\s\"',\[\]]+", unit.command or ""):
        found = {_folder(path) for path in code if _names(word, path)}
        if len(found) == 1:
            return next(iter(found))
    return None


def _names(word: str, path: str) -> bool:
    """Whether a word of a command line names a file: ``orders/main.py``, ``orders.main:app``, ``orders.main``."""
    if word.endswith(".py"):
        return _ends_in(path, word.removeprefix("./").lstrip("/"))
    dotted = word.partition(":")[0]
    if _DOTTED.fullmatch(dotted) is None or ("." not in dotted and ":" not in word):
        return False
    module = dotted.replace(".", "/")
    return any(_ends_in(path, f"{module}{end}") for end in (".py", "/__main__.py", "/__init__.py"))


def _ends_in(path: str, end: str) -> bool:
    return path == end or path.endswith(f"/{end}")


# By name ------------------------------------------------------------------------------------------------------------


def key(name: str) -> tuple[str, ...]:
    """The words of a name that tell one quantum from another: ``users-migration-job`` is ``users``."""
    found = list(words(name))
    while len(found) > 1 and found[-1] in NOISE:
        found.pop()
    return tuple(found)


def joined_by_name(groups: Sequence[Deployable], units: Iterable[Unit]) -> list[Deployable]:
    """Units of which only an image is known, each with the code base that bears its name."""
    joined = list(groups)
    known = _Names(groups)
    alone: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        meant = known.meant(unit)
        if meant is None:
            alone[_image(unit) or unit.name].append(unit)
            continue
        index, sure = meant
        group = joined[index]
        guessed = group.guessed if sure else (*group.guessed, unit.name)
        joined[index] = replace(group, units=(*group.units, unit), guessed=guessed)
        known.add(unit, index)
    return [*joined, *(Deployable(tuple(found)) for found in alone.values())]


class _Names:
    """The names of code bases: of their units, their folders and their images."""

    def __init__(self, groups: Sequence[Deployable]) -> None:
        self._images: dict[str, set[int]] = defaultdict(set)
        self._names: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._joined: dict[str, set[int]] = defaultdict(set)
        for index, group in enumerate(groups):
            contexts = {one.build for one in group.units if one.build is not None}
            folders = {telling(path) for path in (*group.source, *contexts)} - {""}
            for name in ({one.name for one in group.units} - PLAIN_NAMES) | folders:
                self._names[key(name)].add(index)
                self._joined["".join(key(name))].add(index)
            for unit in group.units:
                self.add(unit, index)

    def add(self, unit: Unit, index: int) -> None:
        """Know a unit's image as that of a code base."""
        if image := _image(unit):
            self._images[image_name(image)].add(index)

    def meant(self, unit: Unit) -> tuple[int, bool] | None:
        """The one code base that bears the unit's name or image, and whether that is sure; None: none, or several.

        Sure is an equal name; that an image's name ends in it (``our-shop-orders``) is a guess.
        """
        image = image_name(_image(unit))
        written = words(image)
        exact = self._joined.get("".join(key(unit.name)), set()) | self._joined.get("".join(key(image)), set())
        endings = (self._names.get(written[start:], set()) for start in range(len(written)))
        for found, sure in ((self._images.get(image, set()), True), (exact, True), *((one, False) for one in endings)):
            if found:
                return (next(iter(found)), sure) if len(found) == 1 else None
        return None


def _image(unit: Unit) -> str:
    """The image that a unit is said to run; empty for none, and where its name is still to be filled in."""
    return unit.image if unit.image and not is_placeholder(unit.image) else ""


def telling(path: str) -> str:
    """The last name in a path that says something: ``cart`` of ``services/cart/src``; empty where none does."""
    parts = path.removesuffix(".py").split("/")
    return next((part for part in reversed(parts) if part not in PLAIN_NAMES), "")


def _is_product(unit: Unit, grounds: Grounds) -> bool:
    """Whether a unit runs a product of others: by its image, or by what its Dockerfile begins from."""
    if unit.build is None:
        return unit.image is not None and is_product_image(unit.image)
    if grounds.language(unit.build) is not None:
        return False
    return is_product_image(grounds.bases.get(unit.dockerfile or "", "")) or is_product(unit.name)


def _is_unclear(unit: Unit, grounds: Grounds) -> bool:
    return is_lone_dockerfile(unit) and grounds.language(unit.build or ".") is None


# What several code bases contain ------------------------------------------------------------------------------------


def _without_shared(groups: Iterable[Deployable]) -> Iterator[Deployable]:
    """The code bases without what several of them contain, unless nothing else is left of one."""
    groups = list(groups)
    count = Counter(path for group in groups for path in group.source)
    for group in groups:
        own = tuple(path for path in group.source if count[path] == 1)
        if own and len(own) < len(group.source):
            shared = tuple(path for path in group.source if path not in own)
            yield replace(group, source=own, shared=(*group.shared, *shared))
        else:
            yield group


# Paths --------------------------------------------------------------------------------------------------------------


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths, sorted, without those that lie in another one."""
    found = sorted({path.rstrip("/") for path in paths})
    return tuple(path for path in found if not any(other != path and _inside(path, other) for other in found))


def _inside(path: str, folder: str) -> bool:
    return folder == "." or path == folder or path.startswith(f"{folder}/")


def _above(folder: str) -> Iterator[str]:
    """The folders above a folder, up to the root."""
    while folder != ".":
        folder = _folder(folder)
        yield folder


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."
