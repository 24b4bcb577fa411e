"""Nothing on screen is left in English, and the compiled catalogue is what the sources give."""

import subprocess
import sys

from django.utils.translation import gettext, override

from tests.architecture.source import ROOT


def test_the_chinese_catalogue_is_complete_and_current():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "messages", "check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_notice_and_a_reason_to_refuse_are_chinese_without_being_marked():
    with override("zh-hans"):
        assert gettext("Answered: %(title)s. Is it solved?") % {"title": "楼道灯"} == "办理答复了：楼道灯。解决了吗？"
        assert gettext("The case is already under supervision.") == "事项已在督办。"
