"""What will come, when will it arrive, what may go wrong."""
