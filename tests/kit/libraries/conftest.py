"""The small systems of the library tests are seen by the same means as those of the engine's own tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "source"))
