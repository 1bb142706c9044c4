"""The classes of card data that every declaration knows.

The names are those under which card data stands in code, tables and documents, as whole words of a name
(``card_number``, also written ``cardNumber``). What may be stored: PCI DSS v4.0.1, requirements 3.3 and 3.5. A card
number only when unreadable, an expiry date and a holder's name with the same care as the number beside them, the
verification code, track data and PIN never after authorization, not even encrypted. A number cut to its last four
digits is no longer a card number.
"""

from __future__ import annotations

from quantafit.model import DataClass, Place

_PLACE = Place("built-in", 1)
_CARDS = ("card", "cc", "credit_card", "debit_card", "payment_card")
_EXPIRIES = ("expiry", "exp", "expiration", "valid_thru", "valid_until")
_EXPIRY_PARTS = ("", "_date", "_month", "_year", "_mm", "_yy")


def _joined(*parts: tuple[str, ...]) -> tuple[str, ...]:
    names = [""]
    for part in parts:
        names = [f"{name}{piece}" for name in names for piece in part]
    return tuple(names)


def _with_card(*words: str) -> tuple[str, ...]:
    return _joined(_CARDS, tuple(f"_{word}" for word in words))


_PAN = (
    "pan",
    "ccn",
    "credit_card",
    "debit_card",
    "primary_account_number",
    *_with_card("number", "num", "no", "nbr", "pan"),
)
_CODE = (
    *("cvv", "cvv2", "cvc", "cvc2", "cav2", "card_code", "card_cid"),
    *_joined(("", "card_"), ("security", "verification"), ("_code", "_value")),
    *_with_card("cvv", "cvc", "cvv2", "cvc2"),
)
_EXPIRY = (
    *_joined(_CARDS, ("_",), _EXPIRIES, _EXPIRY_PARTS),
    *_joined(_EXPIRIES, ("_month", "_year", "_mm", "_yy")),
    *("valid_thru", "expiration_month", "expiration_year"),
)
_HOLDER = ("cardholder", "cardholder_name", "card_holder", "card_holder_name", "name_on_card")
_TRACK = ("track_1", "track_2", "track1", "track2", "track_data", "magstripe", "pin_block", "card_pin")
_LAST_FOUR = ("last4", "last_4", "last_four", "card_last4", "card_last_4", "card_last_four", "last_four_digits")

BUILT_IN = tuple(
    DataClass(name, tuple(dict.fromkeys(names)), _PLACE)
    for name, names in (
        ("pan", _PAN),
        ("card_code", _CODE),
        ("card_expiry", _EXPIRY),
        ("card_holder", _HOLDER),
        ("card_track", _TRACK),
        ("card_last4", _LAST_FOUR),
    )
)
"""``pan``, ``card_code``, ``card_expiry``, ``card_holder``, ``card_track`` and ``card_last4``.

A bare ``expiry`` or ``exp`` is in none of them: without a card near it, it is a token's or a coupon's.
"""
