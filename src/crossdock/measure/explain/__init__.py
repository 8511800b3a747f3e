"""Why a plan is what it is: one parcel, load, route, lane or facility at a time."""

from crossdock.measure.explain.explain import explain_subject
from crossdock.measure.explain.explanation import Explanation, Section

__all__ = ["Explanation", "Section", "explain_subject"]
