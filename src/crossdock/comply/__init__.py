"""May it? The rules that a plan must obey."""
