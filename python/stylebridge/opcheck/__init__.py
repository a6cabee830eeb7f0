"""The operator check: what an engine will do with a model, found out before it is imported there."""

from __future__ import annotations

from stylebridge.opcheck.finding import Finding, Verdict
from stylebridge.opcheck.report import Report, check
from stylebridge.opcheck.study import Study, study

__all__ = ["Finding", "Report", "Study", "Verdict", "check", "study"]
