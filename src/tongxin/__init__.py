"""Tongxin 同心: the everyday governance of a Chinese city, as one closed loop."""

__version__ = "0.1.0"
