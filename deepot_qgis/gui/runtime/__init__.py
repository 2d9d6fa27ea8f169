"""ONNX Runtime installed, tried and removed by clicks; the work is done in ``engine/installation``."""
