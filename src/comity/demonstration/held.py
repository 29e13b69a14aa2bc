"""``python -m comity.demonstration.held MODULE ARGUMENT…``: run a module that ends when its parent ends.

So that nothing of a demonstration that was killed keeps its ports and folders.
"""

import runpy
import sys

from comity.node import lifeline

lifeline.follow_parent()
module = sys.argv[1]
sys.argv = sys.argv[1:]
runpy.run_module(module, run_name="__main__", alter_sys=True)
