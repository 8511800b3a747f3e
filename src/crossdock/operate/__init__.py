"""What is happening, and what to do: folds over the log of events, exceptions and their causes."""
