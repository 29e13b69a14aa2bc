"""In a process of its own: officials write three small letters and a large one. Arguments: FOLDER PEER."""

from __future__ import annotations

import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
