"""Libraries that reach no other quantum and store nothing: their results are followed no further."""

from __future__ import annotations

from quantafit.evidence.source.libraries.vocabulary import Library

_NAMES = [
    "annotated_types", "bcrypt", "cachetools", "certifi", "chardet", "colorama",
    "cssselect", "cycler", "dateutil", "dotenv", "email_validator", "fuzzywuzzy", "google.protobuf",
    "h11", "humanize", "idna", "itsdangerous", "jinja2", "jsonschema", "loguru", "mako", "markdown",
    "markupsafe", "marshmallow", "matplotlib", "more_itertools", "msgpack", "multidict", "mypy_extensions",
    "orjson", "packaging", "passlib", "phonenumbers", "pwdlib", "PIL", "prometheus_client", "pygments", "pyparsing",
    "pytest", "pytz", "python_multipart", "regex", "rich", "simplejson", "six", "slugify",
    "sortedcontainers", "structlog", "tabulate", "toml", "tomli", "tomlkit", "tqdm",
    "typing_inspection", "tzdata", "tzlocal", "ujson", "validators", "yaml", "zoneinfo", "hypothesis",
    "faker", "factory", "freezegun", "asgiref", "charset_normalizer", "greenlet", "setuptools",
    "pkg_resources", "wheel", "pip", "bleach", "humps", "uvloop", "pythonjsonlogger", "fastapi_pagination",
    "backoff", "retrying", "circuitbreaker", "ratelimit",
    "coverage", "fire", "granian", "pydantic_sqlalchemy", "schematics", "xxhash",
    "stamina", "slowapi", "fastapi_class", "fastapi_utils", "debugpy", "msgspec", "bson",
    "sympy", "qrcode", "pyotp", "langdetect", "adaptix", "flask_caching", "segno", "flask_script",
    "webargs", "flask_marshmallow", "marshmallow_enum", "marshmallow_sqlalchemy", "marshmallow_dataclass", "apispec",
    "torch", "torchvision", "tensorflow", "keras", "transformers", "sentence_transformers", "cv2", "skimage", "nltk",
    "spacy", "gensim", "textblob", "wordcloud", "seaborn", "plotly", "statsmodels", "xgboost", "lightgbm", "catboost",
    "librosa", "soundfile", "networkx", "shapely", "pydicom", "pytesseract", "magic",
    "bs4", "xmltodict", "reportlab", "fpdf", "docx", "openpyxl", "xlsxwriter", "pypdf", "PyPDF2", "pdfplumber",
    "aiofiles", "wtforms", "pendulum", "arrow", "dateparser", "unidecode", "deepdiff", "argon2", "flask_admin",
    "crispy_bootstrap5", "django_extensions", "import_export", "ckeditor", "starlette_admin", "sqladmin",
    "addict", "attrdict", "bunch", "dotmap", "easydict", "munch", "omegaconf",  # mappings with attributes
    "docutils", "jwcrypto", "natsort", "netaddr", "psutil", "pynvml", "setproctitle", "tiktoken",
    "moviepy", "pydub", "flask_moment", "flask_bootstrap",
    # Telemetry: what it sends goes to the platform, never to a quantum.
    "opentelemetry", "sentry_sdk", "newrelic", "ddtrace", "elasticapm", "statsd", "prometheus_fastapi_instrumentator",
]  # fmt: skip

INERT = Library(distribution="", modules=tuple(_NAMES), inert=True)

LIBRARIES = (INERT,)
