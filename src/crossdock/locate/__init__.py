"""Where it is, how far, how connected."""
