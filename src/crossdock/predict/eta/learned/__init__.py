"""The learned ETA: distributions from history, and Monte Carlo over each parcel's planned path."""

from crossdock.predict.eta.learned.fit import fit_eta
from crossdock.predict.eta.learned.forecast import forecast, reforecast
from crossdock.predict.eta.learned.history import HistoryDay
from crossdock.predict.eta.learned.model import EtaModel, default_eta_model
from crossdock.predict.eta.learned.paths import Paths, plan_paths

__all__ = [
    "EtaModel",
    "HistoryDay",
    "Paths",
    "default_eta_model",
    "fit_eta",
    "forecast",
    "plan_paths",
    "reforecast",
]
