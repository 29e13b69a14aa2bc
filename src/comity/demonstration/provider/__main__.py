"""``python -m comity.demonstration.provider FOLDER HOST PORT``: run the provider until it is stopped."""

import sys
from pathlib import Path

from comity.demonstration.provider.service import Provider

folder, host, port = sys.argv[1:]
Provider(Path(folder), host, int(port)).serve_forever()
