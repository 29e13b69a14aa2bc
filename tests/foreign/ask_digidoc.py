"""Ask libdigidocpp about containers, in a process of its own: its settings are global to a process.

Arguments: the configuration folder, the file with the list signer's certificate, containers. Prints one JSON
line for each container. The list's address does not exist, and POLv1 asks no server.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pydigidoc

URL = "https://trusted-list.invalid/comity-tl.xml"


def judged(path: str) -> dict[str, Any]:
    try:
        container = pydigidoc.Container.open(path)
        for signature in container.signatures():
            signature.validate("POLv1")
        return {
            "valid": len(container.signatures()) == 1,
            "profile": container.signatures()[0].profile(),
            "files": [file.file_name() for file in container.data_files()],
            "time": container.signatures()[0].trusted_signing_time(),
        }
    except Exception as error:
        return {"valid": False, "why": str(error)}


def main() -> None:
    folder, certificate, *paths = sys.argv[1:]
    settings = pydigidoc.DigiDocConf(folder)
    settings.set_tslurl(URL)
    settings.set_tslcert(Path(certificate).read_bytes())
    settings.set_log_level(0)
    pydigidoc.Conf.init(settings.transfer())
    pydigidoc.initialize("Comity tests")
    for path in paths:
        sys.stdout.write(json.dumps(judged(path)) + "\n")


main()
