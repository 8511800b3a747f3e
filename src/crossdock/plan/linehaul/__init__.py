"""Line-haul: which parcels ride together between facilities, when, and in what vehicle.

Parcels with one journey are a commodity, cut into chunks. Each chunk takes a timed path (direct or
over one or two hubs, a speed on each leg, leaving now or with a later wave) or is injected at the
origin; each departure is covered by the cheapest vehicles of its lane's ladder. Slope scaling, ruin
and recreate with annealing, then exact sub-problems; a bound and the alternatives come with it.
"""

from crossdock.plan.linehaul.problem import FIXED_DEPARTURES, LinehaulPlan, LinehaulProblem
from crossdock.plan.linehaul.solve import plan_linehaul

__all__ = ["FIXED_DEPARTURES", "LinehaulPlan", "LinehaulProblem", "plan_linehaul"]
