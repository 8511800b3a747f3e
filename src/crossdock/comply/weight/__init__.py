"""Weight: axles, groups, the bridge formula, loads from cargo positions (23 CFR 658.17)."""

from crossdock.comply.weight.axles import (
    Axle,
    AxleGroup,
    axle_groups,
    axle_violations,
    weight_verdicts,
)
from crossdock.comply.weight.bridge import bridge_formula_lb
from crossdock.comply.weight.limits import (
    ALTERNATIVE_FUEL_LB,
    AUXILIARY_POWER_LB,
    BRIDGE_CITATION,
    INTERSTATE,
    WeightLimits,
)
from crossdock.comply.weight.loads import AxleLayout, PlacedCargo, axle_loads

__all__ = [
    "ALTERNATIVE_FUEL_LB",
    "AUXILIARY_POWER_LB",
    "BRIDGE_CITATION",
    "INTERSTATE",
    "Axle",
    "AxleGroup",
    "AxleLayout",
    "PlacedCargo",
    "WeightLimits",
    "axle_groups",
    "axle_loads",
    "axle_violations",
    "bridge_formula_lb",
    "weight_verdicts",
]
