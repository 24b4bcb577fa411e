"""The product's own Chinese font, for papers and watermarks: a bare machine has none. See OFL.txt."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FAMILY = "Tongxin Sans"
"""Regular: GB 2312 with signs; bold: its first level. Rarer characters come from the machine's fonts, if it has any."""
