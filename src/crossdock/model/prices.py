"""Prices that more than one wing counts with."""

LATE_USD_PARCEL_DAY = 8.0
"""Price of a parcel that is a delivery day late †: the planner weighs it against cost, softly, so
that a file is never infeasible; the tower ranks by it."""
