"""What motion can be measured in the user's own images: known motion is embedded in them and read back."""

from .run import SelfTestOptions, selftest

__all__ = ["SelfTestOptions", "selftest"]
