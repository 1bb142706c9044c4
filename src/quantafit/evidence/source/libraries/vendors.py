"""Clients of services that a vendor runs on the Internet: payments, messages to people, language models.

As their documentation shows them called; no version of them was read. A client that can be given another address asks
there: a model of one's own is often served as the vendor's is.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import ask, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Configured,
    Either,
    Fixed,
    Kept,
    Library,
    New,
    Receiver,
    Type,
)

_POST = Fixed("post")


def _asks(host: str) -> Call:
    return ask(Fixed(f"https://{host}"), _POST)


_RESOURCE, _STRIPE = "stripe.Resource", "stripe.StripeClient"
_PAYS = ask(Configured("stripe", ("api_base",), "https://api.stripe.com"), _POST)
_RESOURCES = (
    "Account", "Balance", "Charge", "checkout.Session", "billing_portal.Session", "Coupon", "Customer", "Dispute",
    "EphemeralKey", "Event", "Invoice", "InvoiceItem", "PaymentIntent", "PaymentLink", "PaymentMethod", "Payout",
    "Plan", "Price", "Product", "PromotionCode", "Refund", "SetupIntent", "Source", "Subscription",
    "SubscriptionItem", "TaxRate", "Token", "Transfer",
)  # fmt: skip

STRIPE = Library(
    distribution="stripe",
    modules=("stripe",),
    calls={
        f"{_RESOURCE}.*": _PAYS,
        f"{_RESOURCE}.construct_from": Call(),
        # A signature is checked with what is at hand.
        **plain("stripe.Webhook", ("construct_event",)),
        **plain("stripe.WebhookSignature", ("verify_header",)),
        _STRIPE: Call(returns=_STRIPE),
        f"{_STRIPE}.construct_event": Call(),
        "stripe.Service.*": _PAYS,
    },
    types={
        _RESOURCE: Type(),
        **{f"stripe.{name}": Type(extends=_RESOURCE) for name in _RESOURCES},
        _STRIPE: Type(),
        "stripe.Service": Type(),
    },
    attributes={
        **{f"{_STRIPE}.{name}": Receiver() for name in ("v1", "v2", "checkout", "billing_portal")},
        f"{_STRIPE}.*": New("stripe.Service"),
    },
)

_TWILIO, _PART = "twilio.rest.Client", "twilio.Part"

TWILIO = Library(
    distribution="twilio",
    modules=("twilio",),
    calls={
        _TWILIO: Call(returns=_TWILIO),
        f"{_PART}.__call__": Call(returns=_PART),
        **{f"{_PART}.{name}": _asks("api.twilio.com") for name in ("create", "fetch", "list", "update", "delete")},
    },
    types={_TWILIO: Type(), _PART: Type(fluent=True)},
    attributes={f"{_TWILIO}.*": New(_PART), f"{_PART}.*": Receiver()},
)

_SENDGRID = "sendgrid.SendGridAPIClient"

SENDGRID = Library(
    distribution="sendgrid",
    modules=("sendgrid", "python_http_client"),
    calls={_SENDGRID: Call(returns=_SENDGRID), f"{_SENDGRID}.send": _asks("api.sendgrid.com")},
    types={_SENDGRID: Type(client=True)},
)

_OPENAI, _MODELS = "openai.OpenAI", "openai.Part"
_ADDRESS = Either((Arg(None, "base_url"), Arg(None, "azure_endpoint"), Fixed("https://api.openai.com/v1")))

OPENAI = Library(
    distribution="openai",
    modules=("openai",),
    calls={
        _OPENAI: Call(returns=_OPENAI, keeps={"url": _ADDRESS}),
        **{
            f"{_MODELS}.{name}": ask(Kept("url"), _POST)
            for name in ("create", "parse", "stream", "generate", "edit", "list", "retrieve", "delete", "upload")
        },
        **plain(_OPENAI, ("close", "with_options", "copy")),
    },
    types={_OPENAI: Type(), _MODELS: Type()},
    attributes={f"{_OPENAI}.*": New(_MODELS, {"url": Kept("url")}), f"{_MODELS}.*": Receiver()},
    aliases=dict.fromkeys(
        ("openai.AsyncOpenAI", "openai.AzureOpenAI", "openai.AsyncAzureOpenAI", "openai.Client", "openai.AsyncClient"),
        _OPENAI,
    ),
)

LIBRARIES = (STRIPE, TWILIO, SENDGRID, OPENAI)
