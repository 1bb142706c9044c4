"""Names that mean sensitive data: whole words, with the look-alikes that must stay silent.

The vocabulary is that of the declared data classes. Words that are written in several ways are one word here (``exp``,
``expires`` and ``expiry``; ``no``, ``nr`` and ``number``), and so are words written together (``cardnumber``). A name
that is ambiguous by itself (``number``, ``expiry``) counts only where its surroundings speak of a card.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from quantafit.model import DataClass

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_ONE_WORD = {
    **dict.fromkeys(("no", "nr", "nbr", "num", "numbers"), "number"),
    **dict.fromkeys(("exp", "expires", "expire", "expiration", "expirations", "expiries"), "expiry"),
    **dict.fromkeys(("mm", "months"), "month"),
    **dict.fromkeys(("yy", "yyyy", "years"), "year"),
    "thru": "until",
    "through": "until",
}

# What stands beside the name of a card's data and makes it something else: a part that may be kept, a token in its
# place, a statement about it.
_HARMLESS = frozenset(
    {"token", "tokens", "tokenized", "tokenised", "masked", "mask", "redacted", "obfuscated", "truncated", "suffix",
     "ending", "fingerprint", "brand", "type", "kind", "count", "id", "ids", "valid", "invalid", "exists", "exist",
     "label", "status", "error", "errors", "field", "fields", "length", "changed", "has", "is", "needs", "requires",
     "require", "required", "missing", "provided", "present", "check", "checked", "result", "match", "matched",
     "verified", "attempts", "format", "pattern", "regex", "validator", "validation", "help", "hint", "tooltip",
     "placeholder", "enabled", "allowed", "accepts", "accepted", "supported"}
)  # fmt: skip
# Cards that pay nothing, by the word right before "card".
_OTHER_CARDS = frozenset(
    {"loyalty", "gift", "library", "sim", "id", "identity", "business", "report", "score", "membership", "health",
     "insurance", "punch", "sd", "memory", "graphics", "video", "network", "sound", "wild", "flash", "student",
     "transit", "kanban", "trello", "playing", "game"}
)  # fmt: skip
_HARMLESS_FOR_EXPIRY = frozenset(
    {"session", "token", "cookie", "jwt", "cache", "lock", "ttl", "link", "coupon", "promo", "lease", "invitation",
     "trial", "subscription", "password", "api"}
)  # fmt: skip
_HARMLESS_FOR_CODE = frozenset(
    {"email", "mail", "sms", "phone", "otp", "totp", "mfa", "factor", "login", "signin", "signup", "password",
     "reset", "recovery"}
)  # fmt: skip
_HARMLESS_FOR_PAN = frozenset(
    {"zoom", "tilt", "angle", "x", "y", "left", "right", "up", "down", "gesture", "offset", "speed", "handle",
     "european", "american"}
)  # fmt: skip
_HARMLESS_FOR_TRACK = frozenset(
    {"title", "artist", "album", "song", "music", "audio", "playlist", "gps", "race", "duration", "genre", "lap"}
)  # fmt: skip
_ABOUT_A_CARD = frozenset(
    {"fee", "fees", "surcharge", "method", "provider", "processor", "gateway", "issuer", "issuing", "bank", "country",
     "currency", "balance", "statement", "charge", "payment", "payments", "transaction", "refund", "company",
     "product", "offer", "application", "reader", "default", "expired"}
)  # fmt: skip
_CARD = frozenset({"card", "cc", "creditcard", "debitcard", "paymentcard", "debit", "credit", "pan", "cvv", "cvc"})
_BARE = frozenset({"number", "code", "expiry", "month", "year", "holder", "cid", "until"})
_LAST_FOUR = frozenset({"4", "four", "digit", "digits"})
_CARD_CLASSES = frozenset({"pan", "card_code", "card_expiry", "card_holder", "card_track"})


@lru_cache(maxsize=8192)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name: ``cardNumber`` and ``card_number`` are both ``card``, ``number``."""
    return tuple(_ONE_WORD.get(word, word) for part in _TOKEN.findall(name) for word in (part.lower(),))


class Classifier:
    """Finds the data class that a name means."""

    def __init__(self, classes: Iterable[DataClass]) -> None:
        phrases = {tokens(name): data.name for data in reversed(list(classes)) for name in data.names}
        self.phrases = sorted(phrases.items(), key=lambda pair: (-len(pair[0]), pair[0]))
        self.together = {"".join(phrase): phrase for phrase in phrases if len(phrase) > 1}
        self._known: dict[tuple[str, str], str | None] = {}

    def of(self, name: str, context: str = "") -> str | None:
        """The class of a name, given the names around it (its table, class or mapping); None for anything else."""
        key = (name, context)
        if key not in self._known:
            self._known[key] = self._of(self._words(name), self._words(context))
        return self._known[key]

    def around(self, names: Iterable[str], context: str) -> str:
        """The names around each of several that stand together: card data makes all of them speak of a card."""
        classes = {self.of(name, context) for name in names}
        return f"{context} card" if any(one in _CARD_CLASSES for one in classes) else context

    def table(self, name: str, columns: Sequence[str]) -> tuple[str | None, tuple[str | None, ...]]:
        """The class of a table's name, and those of its columns."""
        around = self.around(columns, name)
        return self.of(name), tuple(self.of(column, around) for column in columns)

    def harmless(self, name: str) -> bool:
        """Whether a name says that it is only a part of the data, or a statement about it."""
        words = frozenset(tokens(name))
        return bool(words & _HARMLESS) or ("last" in words and bool(words & _LAST_FOUR))

    def _words(self, name: str) -> tuple[str, ...]:
        """The words of a name; plurals are their singulars, and known words written together are taken apart."""
        found: list[str] = []
        for word in tokens(name):
            whole = word if word in self.together else word.removesuffix("s")
            found.extend(self.together.get(whole, (word,)))
        return tuple(found)

    def _of(self, words: tuple[str, ...], context: tuple[str, ...]) -> str | None:
        around = frozenset((*context, *(word.removesuffix("s") for word in context)))
        found = self._phrase(words, around)
        if found is None and _BARE.intersection(words) and around & _CARD and not _other_card(context):
            found = self._phrase(("card", *words), around)
        return found

    def _phrase(self, words: tuple[str, ...], around: frozenset[str]) -> str | None:
        for phrase, data_class in self.phrases:
            size = len(phrase)
            for start in range(len(words) - size + 1):
                if not _same(words[start : start + size], phrase) or _other_card(words[: start + size]):
                    continue
                rest = frozenset((*words[:start], *words[start + size :]))
                if not _harmless(phrase, rest, around):
                    return data_class
        return None


def _same(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return all(word in (known, known + "s") for word, known in zip(words, phrase, strict=True))


def _other_card(words: tuple[str, ...]) -> bool:
    """Whether words speak of a card that pays nothing: ``gift_card``."""
    return any(one in _OTHER_CARDS and next_one in ("card", "cards") for one, next_one in pairwise(words))


def _harmless(phrase: tuple[str, ...], rest: frozenset[str], around: frozenset[str]) -> bool:
    """Whether the words beside a phrase, or around the whole name, make it something else."""
    if rest & _HARMLESS or ("last" in rest and rest & _LAST_FOUR):
        return True
    words = frozenset(phrase)
    return (
        ("expiry" in words and bool(rest & _HARMLESS_FOR_EXPIRY))
        or (bool(words & {"security", "verification"}) and bool((rest | around) & _HARMLESS_FOR_CODE))
        or (phrase == ("pan",) and bool(rest & _HARMLESS_FOR_PAN))
        or ("track" in words and bool((rest | around) & _HARMLESS_FOR_TRACK))
        or (phrase in (("credit", "card"), ("debit", "card")) and bool(rest & _ABOUT_A_CARD))
    )
