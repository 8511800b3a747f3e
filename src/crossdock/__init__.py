"""Crossdock: plan, run and measure an e-commerce delivery network."""
