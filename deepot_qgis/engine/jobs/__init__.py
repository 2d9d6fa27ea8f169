"""Pairs as jobs: measured in this process, in several of this machine, or by the workers of a cluster."""
