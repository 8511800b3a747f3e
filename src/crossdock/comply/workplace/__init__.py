"""Workplace safety: lift trucks, dock doors, lifting, injury rates, heat (29 CFR 1904, 1910)."""

from crossdock.comply.workplace.dock import (
    DockDoor,
    depart,
    dock_verdict,
    lift_truck_in,
    lift_truck_out,
    place_jacks,
    release,
    restrain,
    turn_green,
)
from crossdock.comply.workplace.forklift import (
    REFRESHER_CAUSES,
    LiftTruck,
    LiftTruckOperator,
    operator_verdict,
    truck_verdict,
)
from crossdock.comply.workplace.heat import HeatPolicy, heat_measures
from crossdock.comply.workplace.lifting import CITATION as LIFTING_CITATION
from crossdock.comply.workplace.lifting import Lift, LiftingAnswer, lifting_index
from crossdock.comply.workplace.rates import CITATION as RATES_CITATION
from crossdock.comply.workplace.rates import incidence_rate

__all__ = [
    "LIFTING_CITATION",
    "RATES_CITATION",
    "REFRESHER_CAUSES",
    "DockDoor",
    "HeatPolicy",
    "Lift",
    "LiftTruck",
    "LiftTruckOperator",
    "LiftingAnswer",
    "depart",
    "dock_verdict",
    "heat_measures",
    "incidence_rate",
    "lift_truck_in",
    "lift_truck_out",
    "lifting_index",
    "operator_verdict",
    "place_jacks",
    "release",
    "restrain",
    "truck_verdict",
    "turn_green",
]
