"""dj-database-url: Django's database by an address, given or in a variable. Signatures read in 3.1.

The dictionary that it gives is not taken apart: it keeps the address, and the table of Django's models asks for that.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import plain
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Library, Type, Variable

_DATABASE = "dj_database_url.Database"

DJ_DATABASE_URL = Library(
    distribution="dj-database-url",
    modules=("dj_database_url",),
    calls={
        "dj_database_url.parse": Call(returns=_DATABASE, keeps={"url": Arg(0, "url")}),
        "dj_database_url.config": Call(
            returns=_DATABASE, keeps={"url": Variable(Arg(0, "env", "DATABASE_URL"), Arg(1, "default"))}
        ),
        **plain("dj_database_url", ("register",)),
    },
    types={_DATABASE: Type(open=True)},
    inert=True,
)

LIBRARIES = (DJ_DATABASE_URL,)
