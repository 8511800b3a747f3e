"""Roads in files and from servers: extracts of maps, graphs, cached matrices, Valhalla and OSRM."""

from crossdock.platform.roads.graph_file import read_roads, write_roads
from crossdock.platform.roads.matrix_store import MatrixStore, matrix_key
from crossdock.platform.roads.osm_file import read_osm
from crossdock.platform.roads.osrm import osrm_matrix
from crossdock.platform.roads.road_server import RoadServer
from crossdock.platform.roads.source import (
    ROADS,
    RoadSource,
    roads_of_environment,
)
from crossdock.platform.roads.tables import Places, read_places, read_traffic
from crossdock.platform.roads.valhalla import valhalla_matrix
from crossdock.platform.roads.work import (
    FoundMatrix,
    MatrixRequest,
    draw_way,
    fill_matrix,
    parse_hour,
    write_matrix,
)

__all__ = [
    "ROADS",
    "FoundMatrix",
    "MatrixRequest",
    "MatrixStore",
    "Places",
    "RoadServer",
    "RoadSource",
    "draw_way",
    "fill_matrix",
    "matrix_key",
    "osrm_matrix",
    "parse_hour",
    "read_osm",
    "read_places",
    "read_roads",
    "read_traffic",
    "roads_of_environment",
    "valhalla_matrix",
    "write_matrix",
    "write_roads",
]
