"""Who moves what, with whom, and when."""
