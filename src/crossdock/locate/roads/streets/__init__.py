"""An own road graph: what a map allows a vehicle, and its quickest ways.

Made from OpenStreetMap (`roads_from_osm`, read by `crossdock.platform.roads`). `VehicleRoads` are
the roads of one vehicle, `RoadSnapper` finds points on them, `RoadSearch` the ways between those.
"""

from crossdock.locate.roads.streets.from_osm import (
    ALL_MODES,
    OsmRoads,
    OsmTurn,
    OsmWay,
    roads_from_osm,
)
from crossdock.locate.roads.streets.grid import grid_of_streets
from crossdock.locate.roads.streets.osm_rules import WayRules, closes_road, way_rules
from crossdock.locate.roads.streets.places import RoadPlaces
from crossdock.locate.roads.streets.road_graph import (
    COLUMNS,
    FORMAT,
    Access,
    Mode,
    RoadClass,
    RoadGraph,
)
from crossdock.locate.roads.streets.snap import SNAP_LIMIT_M, RoadPoints, RoadSnapper
from crossdock.locate.roads.streets.traffic import COLUMNS as TRAFFIC_COLUMNS
from crossdock.locate.roads.streets.traffic import (
    Traffic,
    WeekSpeeds,
    local_week_s,
    traffic_of,
    usual_traffic,
)
from crossdock.locate.roads.streets.vehicle import BOX_TRUCK, CAR, TRUCK, VAN, VEHICLES, RoadVehicle
from crossdock.locate.roads.streets.vehicle_roads import VehicleRoads
from crossdock.locate.roads.streets.ways import RoadMatrix, RoadSearch, RoadWay

__all__ = [
    "ALL_MODES",
    "BOX_TRUCK",
    "CAR",
    "COLUMNS",
    "FORMAT",
    "SNAP_LIMIT_M",
    "TRAFFIC_COLUMNS",
    "TRUCK",
    "VAN",
    "VEHICLES",
    "Access",
    "Mode",
    "OsmRoads",
    "OsmTurn",
    "OsmWay",
    "RoadClass",
    "RoadGraph",
    "RoadMatrix",
    "RoadPlaces",
    "RoadPoints",
    "RoadSearch",
    "RoadSnapper",
    "RoadVehicle",
    "RoadWay",
    "Traffic",
    "VehicleRoads",
    "WayRules",
    "WeekSpeeds",
    "closes_road",
    "grid_of_streets",
    "local_week_s",
    "roads_from_osm",
    "traffic_of",
    "usual_traffic",
    "way_rules",
]
