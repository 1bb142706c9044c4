"""dj-database-url: Django's database by an address, given or in a variable. Signatures read in 3.1.

What its functions give is a mapping; ``evidence/source/settings.py`` says which.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import Library

DJ_DATABASE_URL = Library(
    distribution="dj-database-url",
    modules=("dj_database_url",),
    calls=plain("dj_database_url", ("parse", "config", "register")),
    inert=True,
)

LIBRARIES = (DJ_DATABASE_URL,)
