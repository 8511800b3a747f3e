"""How we meet the world: files, processes, clocks, screens and the command line.

The other wings think; this one holds everything that touches the outside, and nothing imports it.
"""
