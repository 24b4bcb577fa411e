"""The demo city: Shiyan's real divisions, two communities and a village of invented people, three months of history.

Everything is made through the operations that people use, at times that pass as in life: see ``history``.
"""

from tongxin.commands.demo_city.build import build

__all__ = ["build"]
