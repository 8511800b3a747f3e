"""What if: the built-in network, generated orders and the twin."""
