"""The board: what leaves and comes to a facility in the next hours, and whether to hold or go."""

from crossdock.operate.board.board import Board, board
from crossdock.operate.board.frames import (
    ADVICE,
    ARRIVALS,
    BOARD_WAVES,
    DEPARTURES,
    ON_DUTY,
)

__all__ = ["ADVICE", "ARRIVALS", "BOARD_WAVES", "DEPARTURES", "ON_DUTY", "Board", "board"]
