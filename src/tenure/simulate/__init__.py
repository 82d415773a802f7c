"""A believable company, made up: `simulate` writes canonical files and what truly happened.

May import facts and kernel. Does not promise that any real company looks like it.
"""

from tenure.simulate.run import Volume, simulate
from tenure.simulate.worlds import WORLDS

__all__ = ["WORLDS", "Volume", "simulate"]
