"""Peers from PyPI as estimators of the engine, one a file, each with the settings that serve it best.

None of them tells its error: sigma is 0 and `tells_sigma` False.
"""
