"""What a decision's Markdown file says, sentence by sentence."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantafit.declaration import read_decision


def sentences(text: str) -> dict[str, str]:
    return dict(read_decision(dedent(text)).sentences)


def test_the_title_is_the_first_heading() -> None:
    """Without its marks."""
    assert read_decision("intro\n\n# ADR-5: Customer #\n\n# Later").title == "ADR-5: Customer"
    assert read_decision("ADR-5\n=====\n").title == "ADR-5"
    assert read_decision("no heading").title == ""


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("## Invoices", "invoices"),
        ("## Ticket Status", "ticket-status"),
        ("## What's new, and why?", "whats-new-and-why"),
        ("## `code` & more", "code--more"),
        ("## Kunde_Preis – Übersicht", "kunde_preis--übersicht"),
        ("## A [link](https://example.org/x)", "a-link"),
        ("### Closed ###", "closed"),
    ],
)
def test_headings_are_anchors_as_github_makes_them(heading: str, slug: str) -> None:
    """Lower case, spaces to hyphens, punctuation gone."""
    assert sentences(f"{heading}\n\nText.") == {slug: "Text."}


def test_equal_headings_are_numbered() -> None:
    """As GitHub does, from the second on."""
    assert sentences("## A\n\none\n\n## A\n\ntwo\n\n## A\n\nthree\n") == {"a": "one", "a-1": "two", "a-2": "three"}


def test_explicit_anchors_name_the_paragraph_that_follows() -> None:
    """Before it, at its start, in its middle; several may name the same."""
    text = """
    <a id="one"></a>
    First
    sentence.

    <a name='two'/>Second.

    A <a id=three></a>third. {#four}
    """
    assert sentences(text) == {
        "one": "First sentence.",
        "two": "Second.",
        "three": "A third.",
        "four": "A third.",
    }


def test_a_heading_may_have_an_id_of_its_own() -> None:
    """Both anchors hold."""
    assert sentences("## Invoices {#inv}\n\nText.") == {"inv": "Text.", "invoices": "Text."}


def test_an_anchor_ends_the_paragraph_before_it() -> None:
    """Also without an empty line between them."""
    text = """
    <a id="one"></a>
    First.
    <a id="two"></a>
    Second.
    """
    assert sentences(text) == {"one": "First.", "two": "Second."}


def test_a_list_item_is_a_sentence_of_its_own() -> None:
    """With the lines that belong to it; so is a quotation."""
    text = """
    - <a id="one"></a>First
      sentence.
    - <a id="two"></a>Second.

    > <a id="three"></a>
    > As it
    > was said.
    """
    assert sentences(text) == {"one": "First sentence.", "two": "Second.", "three": "As it was said."}


def test_code_holds_no_anchors_and_no_sentences() -> None:
    """A fence ends with a fence of its own kind; a longer one may hold a shorter."""
    text = """
    ## A

    ````
    # not a heading <a id="x"></a>
    ```
    ## still not
    ````

    ~~~ yaml
    {#y}
    ~~~

    Text.
    """
    assert sentences(text) == {"a": "Text."}


def test_an_anchor_without_a_paragraph_has_an_empty_sentence() -> None:
    """It is there, and says nothing."""
    assert sentences("## A\n") == {"a": ""}


def test_a_comparison_is_no_quotation() -> None:
    """``>`` counts at the start of a line only."""
    assert sentences("## A\n\none > two\n") == {"a": "one > two"}


@given(
    st.text()
    | st.lists(st.sampled_from(["# ", "a", "\n", "```", "<a id=x>", "{#y}", "> ", "- ", "===", "[l](m)"])).map("".join)
)
def test_any_text_can_be_read(text: str) -> None:
    """A broken decision is not a reason to fail; its missing anchors are reported where they are referred to."""
    decision = read_decision(text)
    assert all("\n" not in sentence for sentence in decision.sentences.values())
