"""Templates are compiled once: an installation keeps what Jinja made of them."""

from __future__ import annotations

from pathlib import Path

from jinja2 import BytecodeCache, Environment, compiler
from jinja2.bccache import Bucket

from qa_scorer.kept import find_kept, keep, state_of


class CompiledTemplates(BytecodeCache):
    """Jinja's interface to what is kept of templates that are files."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The template's file."""
        return filename or name

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket with what was kept of the template, if anything."""
        code = find_kept(Path(bucket.key), _stamp(bucket))
        if code is not None:
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket's code."""
        keep(Path(bucket.key), _stamp(bucket), bucket.bytecode_to_string())


def _stamp(bucket: Bucket) -> bytes:
    """All that the code depends on. Jinja itself would look at the template's text and at Python's version."""
    return repr((state_of(Path(compiler.__file__)), bucket.key, bucket.checksum, _options(bucket.environment))).encode()


def _options(environment: Environment) -> tuple[object, ...]:
    plain = {name: value for name, value in vars(environment).items() if isinstance(value, str | bool | None)}
    return sorted(plain.items()), sorted(environment.extensions), sorted(environment.policies.items())
