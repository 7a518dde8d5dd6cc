"""KMS, as strict as AWS: which names a key may be called by, which states permit what, who is fenced."""

from .operations import perform  # noqa: F401
