"""Names that mean sensitive data: whole tokens, with the look-alikes that must stay silent.

The vocabulary is that of the declared data classes; what is ambiguous by itself (``number``, ``expiry``) counts only
where its surroundings speak of a card.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from quantafit.model import DataClass

_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_HARMLESS = frozenset(
    {"last4", "four", "token", "tokens", "masked", "mask", "fingerprint", "brand", "type", "kind", "count", "id",
     "valid", "exists", "label", "status", "error", "errors", "field", "length", "changed"}
)  # fmt: skip
_HARMLESS_FOR_EXPIRY = frozenset(
    {"session", "token", "cookie", "jwt", "cache", "lock", "ttl", "link", "coupon", "promo", "lease"}
)
_CARD = frozenset({"card", "cards", "cc", "creditcard", "debit", "credit", "pan"})
_BARE = frozenset({"number", "num", "no", "nbr", "code", "expiry", "exp", "expiration", "month", "year", "holder"})


@lru_cache(maxsize=8192)
def tokens(name: str) -> tuple[str, ...]:
    """The words of a name: ``cardNumber`` and ``card_number`` are both ``card``, ``number``."""
    return tuple(part.lower() for part in _TOKEN.findall(name))


class Classifier:
    """Finds the data class that a name means."""

    def __init__(self, classes: Iterable[DataClass]) -> None:
        self.phrases = [(tokens(name), data.name) for data in classes for name in data.names]
        self.phrases.sort(key=lambda pair: -len(pair[0]))

    def of(self, name: str, context: str = "") -> str | None:
        """The class of a name, given the names around it (its table, class or mapping); None for anything else."""
        words = tokens(name)
        found = self._phrase(words)
        if found is None and words and _BARE.intersection(words) and _CARD.intersection(tokens(context)):
            found = self._phrase(("card", *words))
        return found

    def _phrase(self, words: tuple[str, ...]) -> str | None:
        for phrase, data_class in self.phrases:
            size = len(phrase)
            for start in range(len(words) - size + 1):
                if words[start : start + size] != phrase:
                    continue
                rest = {*words[:start], *words[start + size :]}
                if rest & _HARMLESS or ("expir" in "".join(phrase) and rest & _HARMLESS_FOR_EXPIRY):
                    continue
                if "last" in rest and ("4" in rest or "four" in rest or "digits" in rest):
                    continue
                return data_class
        return None
