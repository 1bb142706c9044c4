"""Which names mean card data, and which only look like it.

The names were collected from public payment APIs, form fields and unrelated schemas, apart from the vocabulary that
the classifier was written with.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantafit.declaration.data_classes import BUILT_IN
from quantafit.evidence.source.classify import Classifier
from quantafit.model import DataClass

CLASSIFIER = Classifier(BUILT_IN)

MEANT = {
    "card_number": "pan",
    "cardNumber": "pan",
    "CardNumber": "pan",
    "CARD_NUMBER": "pan",
    "cardnumber": "pan",
    "card_numbers": "pan",
    "card_nr": "pan",
    "ccNumber": "pan",
    "cc_num": "pan",
    "ccn": "pan",
    "creditCardNumber": "pan",
    "creditcardnumber": "pan",
    "credit_card_no": "pan",
    "debit_card_number": "pan",
    "customer_card_number": "pan",
    "encrypted_card_number": "pan",
    "card_number_hash": "pan",
    "raw_pan": "pan",
    "pan": "pan",
    "pan_encrypted": "pan",
    "primaryAccountNumber": "pan",
    "payment_card_pan": "pan",
    "x_card_num": "pan",
    "billing_card_number": "pan",
    "cvv": "card_code",
    "cvv2": "card_code",
    "cvc": "card_code",
    "card_cvc": "card_code",
    "cardCvv": "card_code",
    "CVC2": "card_code",
    "card_security_code": "card_code",
    "cardVerificationValue": "card_code",
    "security_code": "card_code",
    "exp_month": "card_expiry",
    "expMonth": "card_expiry",
    "exp_yy": "card_expiry",
    "expiration_year": "card_expiry",
    "card_expiry": "card_expiry",
    "cardExpirationDate": "card_expiry",
    "card_expires_at": "card_expiry",
    "cc_exp": "card_expiry",
    "valid_thru": "card_expiry",
    "cardholder_name": "card_holder",
    "cardHolderName": "card_holder",
    "name_on_card": "card_holder",
    "track2": "card_track",
    "track_data": "card_track",
    "pin_block": "card_track",
    "card_last4": "card_last4",
    "last_four": "card_last4",
}

MEANT_NEAR_A_CARD = {
    ("number", "cards"): "pan",
    ("number", "NewCard"): "pan",
    ("expiry", "card"): "card_expiry",
    ("expires", "PaymentCard"): "card_expiry",
    ("exp", "credit_card"): "card_expiry",
    ("holder", "Card"): "card_holder",
    ("cid", "card"): "card_code",
}

NOT_MEANT = [
    "number",
    "order_number",
    "invoice_number",
    "phone_number",
    "ticket_no",
    "account_id",
    "expiry",
    "expires_at",
    "token_expires_at",
    "session_expiry",
    "jwt_exp",
    "coupon_expiry",
    "cache_expiration",
    "lock_expires",
    "link_expiry",
    "card_id",
    "card_type",
    "card_brand",
    "card_count",
    "card_token",
    "card_number_masked",
    "masked_pan",
    "card_number_length",
    "card_number_valid",
    "has_card_number",
    "is_cvv_required",
    "requires_cvv",
    "cvv_result",
    "cvv_check",
    "card_fingerprint",
    "payment_token",
    "tokenized_card",
    "card_number_placeholder",
    "card_number_error",
    "invalid_card_number",
    "credit_card_fee",
    "credit_card_enabled",
    "accepts_credit_card",
    "default_credit_card",
    "gift_card_number",
    "loyalty_card_number",
    "library_card_no",
    "sim_card_number",
    "business_card_number",
    "discard_note",
    "card_notes",
    "billing_address",
    "shared_secret",
    "pan_zoom",
    "pan_x",
    "panel",
    "company",
    "japan",
    "span",
    "expand",
    "expanded_code",
    "postal_code",
    "zip_code",
    "email_verification_code",
    "sms_security_code",
    "password_reset_code",
    "track_1_title",
    "soundtrack_1",
    "track_name",
    "cvs_path",
    "civic",
    "discount",
    "exponent",
    "expense",
    "codec",
    "card",
    "holder",
    "stakeholder",
    "shareholder",
    "year",
    "month",
    "valid_from",
    "cardinality",
    "scorecard",
    "wildcard_number",
    "memory_card_number",
    "rating",
    "cardiology",
]


@pytest.mark.parametrize("name", MEANT)
def test_a_name_of_card_data_is_recognised(name: str) -> None:
    assert CLASSIFIER.of(name) == MEANT[name]


@pytest.mark.parametrize("pair", MEANT_NEAR_A_CARD, ids=" in ".join)
def test_an_ambiguous_name_is_recognised_near_a_card(pair: tuple[str, str]) -> None:
    name, context = pair
    assert CLASSIFIER.of(name, context) == MEANT_NEAR_A_CARD[pair]
    assert CLASSIFIER.of(name, "tickets") is None


@pytest.mark.parametrize("name", NOT_MEANT)
def test_a_look_alike_is_not_card_data(name: str) -> None:
    assert CLASSIFIER.of(name) is None
    assert CLASSIFIER.of(name, "tickets Ticket") is None


@pytest.mark.parametrize("context", ["gift_card", "loyalty cards", "GameCard", "SimCard"])
def test_an_ambiguous_name_near_another_kind_of_card_is_not_card_data(context: str) -> None:
    assert CLASSIFIER.of("number", context) is None


def test_declared_names_are_recognised_and_the_first_class_that_declares_a_name_wins() -> None:
    classifier = Classifier([DataClass("answer", ("rating", "survey_comment")), DataClass("score", ("rating",))])
    assert classifier.of("rating") == "answer"
    assert classifier.of("average_rating") == "answer"
    assert classifier.of("surveyComment") == "answer"
    assert classifier.of("operating") is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_name_makes_the_classifier_fail(name: str, context: str) -> None:
    assert CLASSIFIER.of(name, context) in {None, *(data.name for data in BUILT_IN)}


@given(st.sampled_from(sorted(MEANT)))
def test_the_way_a_name_is_written_does_not_matter(name: str) -> None:
    from quantafit.evidence.source.classify import tokens

    words = tokens(name)
    assert CLASSIFIER.of("_".join(words)) == CLASSIFIER.of("".join(word.title() for word in words)) == MEANT[name]
