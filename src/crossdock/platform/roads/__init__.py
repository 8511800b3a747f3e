"""Roads in files and from servers: extracts of maps, graphs, cached matrices, Valhalla and OSRM."""

from crossdock.platform.roads.graph_file import read_roads, write_roads
from crossdock.platform.roads.osm_file import read_osm

__all__ = ["read_osm", "read_roads", "write_roads"]
