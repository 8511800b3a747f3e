"""Tiny instances of several kinds, whose least costs can be seen by hand, written as files."""

from __future__ import annotations

from pathlib import Path

LINE_CVRP = """NAME : line
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 2
NODE_COORD_SECTION
1 0 0
2 10 0
3 20 0
4 -10 0
5 -20 0
DEMAND_SECTION
1 0
2 1
3 1
4 1
5 1
DEPOT_SECTION
1
-1
EOF
"""
"""Two to the right, two to the left, two a vehicle: 80."""

PRIZES = """NAME : prizes
TYPE : PCVRPTW
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 9
VEHICLES : 2
NODE_COORD_SECTION
1 0 0
2 10 0
3 0 10
4 0 50
DEMAND_SECTION
1 0
2 1
3 1
4 1
TIME_WINDOW_SECTION
1 0 500
2 0 500
3 0 500
4 0 500
SERVICE_TIME_SECTION
1 0
2 0
3 0
4 0
PRIZE_SECTION
1 0
2 0
3 0
4 12.5
DEPOT_SECTION
1
-1
EOF
"""
"""10 + 14.1 + 10 and a prize of 12.5 forgone: 46.6."""

FLEET = """NAME : fleet
TYPE : HFVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
VEHICLES : 3
CAPACITY_SECTION
1 5
2 1
3 5
VEHICLES_FIXED_COST_SECTION
1 100
2 1
3 100
VEHICLES_UNIT_DISTANCE_COST_SECTION
1 1
2 2
3 1
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 -3 -4
DEMAND_SECTION
1 0
2 2
3 3
4 1
DEPOT_SECTION
1
-1
EOF
"""
"""A large one 20 far for 100, a small one 10 far at 2 a unit for 1: 141."""

BACKHAULS = """NAME : backhauls
TYPE : VRPB
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 2
VEHICLES : 2
NODE_COORD_SECTION
1 0 0
2 10 0
3 20 0
4 30 0
LINEHAUL_SECTION
1 0
2 1
3 0
4 1
BACKHAUL_SECTION
1 0
2 0
3 1
4 0
DEPOT_SECTION
1
-1
EOF
"""
"""Out past the backhaul, which is collected on the way home: 60."""

PAIRS = """2 10 1
0 0 0 0 0 200 0 0 0
1 10 0 5 0 200 0 0 2
2 20 0 -5 0 200 0 1 0
3 -10 0 5 0 200 0 0 4
4 -20 0 -5 0 200 0 3 0
"""
"""Li and Lim: each pair out on its side and home: 80."""

TABLE = """tiny

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.   DEMAND    READY TIME  DUE DATE   SERVICE TIME

    0      0         0          0          0       100          0
    1      10        0          5          0        10          5
    2      -10       0          5          0        10          5
"""
"""Solomon: both are to be reached by 10, so by two vehicles: 40."""

COSTS = {"line": 80, "prizes": 46.6, "fleet": 141, "backhauls": 60, "pairs": 80, "tiny": 40}


SOLUTIONS = {
    "line": "Route #1: 1 2\nRoute #2: 3 4\nCost 80\n",
    "prizes": "Route #1: 1 2\nCost 466\n",
    "fleet": "Route #1: 1 2\nRoute #2: 3\nRoute #3:\nCost 14100\n",
    "backhauls": "Route #1: 1 3 2\nCost 60\n",
}
"""As of the sets: nodes from 0, costs in units of their own."""


def write_instances(folder: Path, *names: str) -> Path:
    """Write some of the above into ``folder`` with their least costs beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "line.vrp": LINE_CVRP, "prizes.vrp": PRIZES, "fleet.vrp": FLEET,
        "backhauls.vrp": BACKHAULS, "pairs.txt": PAIRS, "tiny.txt": TABLE,
    }  # fmt: skip
    for file, text in texts.items():
        stem = file.partition(".")[0]
        if names and stem not in names:
            continue
        (folder / file).write_text(text)
        if file.endswith(".vrp"):
            (folder / f"{stem}.sol").write_text(SOLUTIONS[stem])
    return folder
