"""The examples in a rule's card: a small tree of files in Markdown fences, each fence with its path.

A fence begins with a language and a path (three backticks, then ``yaml quanta.yaml``), so a Markdown reader colours it
and the tests can write it out and run the whole tool over it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_FENCE = re.compile(r"^```(?P<language>\w+) (?P<path>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def example_files(markdown: str) -> Mapping[str, str]:
    """The files of an example by path. Raises ValueError where a path occurs twice or a fence has no path."""
    fences = list(_FENCE.finditer(markdown))
    files = {fence["path"]: fence["text"] for fence in fences}
    if len(files) != len(fences):
        raise ValueError("two fences of the example have one path")
    if 2 * len(fences) != len(re.findall(r"^```", markdown, re.MULTILINE)):
        raise ValueError("a fence of the example is not closed, or has no path after its language")
    return files
