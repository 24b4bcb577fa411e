"""Nothing on screen is left in English, and the compiled catalogue is what the sources give."""

import subprocess
import sys

from tests.architecture.source import ROOT


def test_the_chinese_catalogue_is_complete_and_current():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "messages", "check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
