"""Stepwell runs stepped-care services: referral pathways, treatment modules
and therapists' work, written down once as a document.

    from datetime import datetime, timezone
    import stepwell

    now = datetime(2026, 3, 2, 9, 0, tzinfo=timezone.utc)
    with stepwell.Service.create("memory:", "catalogue:minimal", now,
                                 prototype=True) as clinic:
        reply = clinic.submit({"id": "1", "command": "add_staff",
                               "actor": {"role": "integration"},
                               "staff": "anna", "pools": ["team"]}, now)
        reply.raise_if_rejected()

Times are aware datetimes, and `now` is an argument: the library reads no clock.
A rejection by the service's rules is a value; what could not be done at all is
a StepwellError. docs/reference/python.md tells all of it.
"""

import json as _json
from typing import Any as _Any

from . import _api
from ._arrow import Table
from ._case import Case
from ._documents import (Expression, Instrument, Protocol, catalogue,
                         catalogue_document, outcomes, validate_fhir)
from ._errors import (CancelledError, ConflictError, DocumentError,
                      ExpressionError, IdUsedError, InternalError,
                      InvalidError, Issue, MisuseError, NotFoundError,
                      PreconditionError, RejectedError, StepwellError,
                      StoreError, TooLargeError, UnsupportedError)
from ._fit import Accuracy, Fit, Term, fit_linear
from ._kernel import Decision, decide, fold, show
from ._native import api as _library
from ._result import Result
from ._results import (Advance, AdvancePreview, Amendment, CaseView, Change, DecisionMade, FollowUp,
                       Deployed, Difference, Effect, Event, Explained, Explanation, ExportReport,
                       FhirIssue, FhirValidation, Health,
                       ImportReport, ItemProgress, LookBackCase, Migration, MigrationDraft,
                       MigrationReason, Outbox, Portal, PortalConsent, PortalEntry,
                       PortalGroup, PortalMessage, PortalSlot, ProtocolChange,
                       ProtocolCheck,
                       ProtocolDiff,
                       Reply, Score, Summary, Verification,
                       WorkCount, WorkLine, Worklist)
from ._service import Service
from ._simulate import (Against, Measure, PlanCheck, Simulation, check_plan,
                        simulate)

__version__ = _api.VERSION


def build_info() -> dict[str, _Any]:
    """What the loaded library was built from: version, compiler, features,
    versions of its dependencies and of the time zone data."""
    found: dict[str, _Any] = _json.loads(_library.stepwell_build_info() or "{}")
    return found


__all__ = [
    "Accuracy", "Advance", "AdvancePreview", "Against", "Amendment", "CancelledError", "Case", "CaseView",
    "Change", "ConflictError", "Decision", "DecisionMade", "Deployed", "Difference", "DocumentError", "Effect", "Event", "FollowUp",
    "Explained", "Explanation", "ExportReport", "Expression",
    "ExpressionError", "FhirIssue", "FhirValidation", "Fit", "Health", "IdUsedError", "ImportReport", "Instrument",
    "InternalError", "InvalidError", "Issue", "ItemProgress", "LookBackCase", "Measure", "Migration", "MigrationDraft", "MigrationReason", "MisuseError",
    "NotFoundError", "Outbox", "PlanCheck", "Portal", "PortalConsent",
    "PortalEntry", "PortalGroup", "PortalMessage", "PortalSlot", "PreconditionError", "Protocol",
    "ProtocolChange",
    "ProtocolCheck", "ProtocolDiff", "RejectedError",
    "Reply", "Result", "Score", "Service", "Simulation", "StepwellError",
    "StoreError", "Summary", "Table", "Term", "TooLargeError", "UnsupportedError",
    "Verification", "WorkCount", "WorkLine", "Worklist", "build_info", "catalogue",
    "catalogue_document", "check_plan", "decide", "fit_linear", "fold", "outcomes", "show",
    "simulate", "validate_fhir",
]
