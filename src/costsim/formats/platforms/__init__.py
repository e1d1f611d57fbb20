"""Gateways, tracers and evaluators: what they export of the calls that went through them."""
