"""The papers of a released plan: tenders, door sheets, driver manifests, partner handoffs."""

from crossdock.measure.handout.handout import handout_papers
from crossdock.measure.handout.paper import Paper, neutral_csv

__all__ = ["Paper", "handout_papers", "neutral_csv"]
