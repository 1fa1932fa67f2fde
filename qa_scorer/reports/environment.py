"""What all pages share: the template environment of a language, and the style and scripts that are inlined into a page."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from qa_scorer.reports import wording
from qa_scorer.reports.compiled import CompiledTemplates
from qa_scorer.reports.language import Language
from qa_scorer.reports.pack import pack_once
from qa_scorer.reports.quote import Quoter, anchor, visible
from qa_scorer.results.shades import SHADES, shade

_ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True, slots=True)
class Assets:
    """Style and scripts as they stand in a page, and the digests by which its security policy admits the scripts.

    ``echarts`` is packed: it would make up most of a page.
    """

    css: Markup
    head: Markup
    charts: Markup
    report: Markup
    echarts: str
    script_sources: Markup


@lru_cache
def load_assets() -> Assets:
    def read(name: str) -> Markup:
        return Markup((_ASSETS / name).read_text(encoding="utf-8").strip())

    scripts = {"head": read("head.js"), "charts": read("charts.js"), "report": read("report.js")}
    library = read("echarts.min.js")
    packed = pack_once(_ASSETS / "echarts.min.js", library)
    digests = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (*scripts.values(), library)
    )
    sources = Markup(" ").join(Markup(f"'sha256-{digest}'") for digest in digests)
    return Assets(css=read("report.css"), echarts=packed, script_sources=sources, **scripts)


def make_environment(
    language: Language, definitions: dict[str, wording.Definition], footer: str, version: str, workbook: str
) -> Environment:
    """The environment of all pages of one report.

    ``definitions`` are its figures by id, ``footer`` is the line at the foot of each page and ``workbook`` the file that
    holds every entry of the lists.
    """
    environment = Environment(
        loader=PackageLoader("qa_scorer.reports"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        bytecode_cache=CompiledTemplates(),
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(anchor=anchor, visible=visible)
    said: dict[str, Callable[..., str]] = {
        name: partial(getattr(wording, name), language) for name in ("outcome", "remark", "standing", "target")
    }
    environment.globals.update(
        assets=load_assets(),
        footer=footer,
        interval_name=wording.interval_name(language),
        language=language,
        metric_names=definitions,
        outcome_key=wording.outcome_key,
        quote=Quoter(language),
        shade=shade,
        shades=[f"{bound:g}" for bound in SHADES],
        script_words=wording.script_words(language, workbook),
        version=version,
        workbook=workbook,
        **said,
    )
    return environment
