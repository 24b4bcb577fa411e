"""The words and components every page is made of."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jinja2
import pytest
from django import forms
from django.utils import translation
from markupsafe import Markup

from tongxin import web
from tongxin.web import jinja, speech, times
from tongxin.web.shell import MenuGroup, MenuItem, Shell, Tab, initial, shown_tabs
from tongxin.web.speech import gettext, gettext_lazy

WEB = Path(web.__file__).parent
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
SUNDAY_AFTERNOON = dt.datetime(2026, 11, 22, 14, 0, tzinfo=SHANGHAI)


def at(text: str) -> dt.datetime:
    """A moment on the Shanghai clock, kept in UTC as the database does."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(dt.UTC)


@pytest.fixture
def env() -> jinja2.Environment:
    templates = jinja2.FileSystemLoader([WEB / "templates", WEB / "tests" / "faces"])
    pages = jinja2.PrefixLoader({"faces": jinja2.FileSystemLoader(WEB / "tests" / "faces")})
    return jinja.environment(loader=jinja2.ChoiceLoader([pages, templates]))


@pytest.fixture
def chinese():
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-22T10:42", "今天 10:42"),
        ("2026-11-21T08:02", "昨天 08:02"),
        ("2026-11-20T19:31", "11月20日 19:31"),
        ("2025-11-20T19:31", "2025年11月20日 19:31"),
        ("2026-11-22T00:00", "今天 00:00"),
    ],
)
def test_what_li_shifu_did_is_told_as_a_neighbour_would(chinese, moment, words):
    assert times.when(at(moment), SUNDAY_AFTERNOON) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-22T17:00", "今天 17:00 前"),
        ("2026-11-23T17:00", "明天 17:00 前"),
        ("2026-11-26T17:00", "周四 17:00 前"),
        ("2026-11-29T17:00", "11月29日 17:00 前"),
        ("2027-01-04T12:00", "2027年1月4日 12:00 前"),
    ],
)
def test_zhang_ayi_reads_until_when(chinese, moment, words):
    assert times.until(at(moment), SUNDAY_AFTERNOON) == words


@pytest.mark.parametrize(
    ("moment", "words", "tone"),
    [
        ("2026-11-22T14:40", "还剩 40 分钟", "warn"),
        ("2026-11-22T23:00", "还剩 9 小时", "warn"),
        ("2026-11-23T17:00", "还剩 27 小时", "ok"),
        ("2026-11-26T17:00", "还剩 4 天", "ok"),
        ("2026-11-22T12:00", "逾期 2 小时", "late"),
        ("2026-11-22T14:00", "逾期 1 分钟", "late"),
        ("2026-11-12T12:00", "逾期 10 天", "late"),
    ],
)
def test_zhou_shuji_sees_what_presses(chinese, moment, words, tone):
    assert times.left(at(moment), SUNDAY_AFTERNOON) == (words, tone)


def test_a_page_speaks_the_language_that_was_active_when_it_was_begun(env):
    page = env.from_string("{{ _('Overdue') }}{{ text }}")
    text = gettext_lazy("Overdue")
    for language, word in (("zh-hans", "逾期"), ("en", "Overdue"), ("zh-hans", "逾期")):
        with translation.override(language):
            assert page.render(text=text) == word * 2
            assert gettext("Overdue") == translation.gettext("Overdue") == word
    with speech.override("zh-hans"):
        assert gettext("Overdue") == "逾期"
        with speech.override("en"):
            assert gettext("Overdue") == str(text) == page.render(text="") == "Overdue"
        assert gettext("Overdue") == "逾期"


def test_words_in_html_are_not_kept_as_words(env):
    with speech.override("en"):
        assert gettext(Markup("<b>so</b>")) == "<b>so</b>"
        assert not hasattr(gettext("<b>so</b>"), "__html__")


def test_pages_change_the_language_by_speech_alone():
    """Else words that a page has looked up for its language would be said in another."""
    for path in WEB.rglob("*.py"):
        if "tests" in path.parts or path.name == "speech.py":
            continue
        text = path.read_text(encoding="utf-8")
        assert "translation.override" not in text, path
        assert "activate(" not in text, path
        assert not re.search(r"from django\.utils\.translation import .*override", text), path


def test_the_same_chip_is_drawn_once_but_text_is_not_taken_for_html(env):
    chip = env.globals["ui"].chip
    assert chip("逾期", "late") is chip("逾期", "late")
    assert "<b>" in chip(Markup("<b>急</b>"))
    assert "&lt;b&gt;" in chip("<b>急</b>")
    for language, word in (("zh-hans", "逾期"), ("en", "Overdue")):
        with translation.override(language):
            assert word in chip(gettext_lazy("Overdue"), "late")


def test_the_forms_of_a_page_share_their_token_and_pages_do_not(env, rf):
    request = rf.get("/")
    form = env.from_string("{{ csrf_input }}|{{ csrf_input }}")
    first, second = (form.render(**jinja.one_token(request)) for _ in range(2))
    assert first.startswith('<input type="hidden" name="csrfmiddlewaretoken"')
    assert first.split("|")[0] == first.split("|")[1]
    assert first != second, "a token that never changed could be guessed from the length of compressed pages"


def test_a_deadline_names_the_day_until_it_presses(chinese):
    def words(moment: str) -> str:
        return times.deadline(at(moment), SUNDAY_AFTERNOON).text

    assert words("2026-11-25T12:00") == "周三 12:00"
    assert words("2026-11-22T23:00") == "今天 23:00"
    assert words("2026-11-22T15:00") == "还剩 1 小时"
    assert words("2026-11-22T12:00") == "逾期 2 小时"


def test_the_same_words_in_english(english):
    assert times.when(at("2026-11-22T10:42"), SUNDAY_AFTERNOON) == "today 10:42"
    assert times.until(at("2026-11-26T17:00"), SUNDAY_AFTERNOON) == "by Thursday 17:00"
    assert str(times.left(at("2026-11-22T12:00"), SUNDAY_AFTERNOON)) == "2 h overdue"


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        times.when(dt.datetime(2026, 11, 22, 10, 0), SUNDAY_AFTERNOON)


def test_filters_take_now_from_the_page_or_from_the_argument(env, english):
    moment = at("2026-11-21T08:02")
    page = env.from_string("{{ moment|when }}")
    assert page.render(moment=moment, now=SUNDAY_AFTERNOON) == "yesterday 08:02"
    given = env.from_string("{{ moment|when(then) }}")
    assert given.render(moment=moment, then=moment, now=SUNDAY_AFTERNOON) == "today 08:02"
    assert env.from_string("{{ none|until }}{{ none|left }}{{ none|day }}").render() == ""


def test_what_people_write_is_never_markup(env):
    html = env.from_string("{{ ui.chip(text) }}{{ icon('pin', text) }}").render(text='<b onclick="x">灯</b>')
    assert "<b" not in html
    assert html.count("&lt;b") == 2


def test_a_name_the_page_was_not_given_may_be_tested_but_not_written(env):
    assert env.from_string("{% if back %}x{% endif %}").render() == ""
    with pytest.raises(jinja2.UndefinedError):
        env.from_string("{{ back }}").render()


def test_an_unknown_component_is_an_error(env):
    with pytest.raises(jinja2.UndefinedError):
        env.from_string("{{ ui.no_such_thing() }}").render()


def test_attributes_leave_out_what_is_absent(env):
    words = jinja.attributes({"required": True, "disabled": False, "data_key": "d", "id": None, "title": '"'})
    assert words == ' required data-key="d" title="&#34;"'


def test_at_most_five_tabs_and_reporting_in_the_middle():
    tabs = tuple(Tab(f"/{n}", n, "home", raised=n == "反映") for n in ("首页", "公开", "消息", "我的", "反映", "多"))
    assert [tab.label for tab in shown_tabs(tabs)] == ["首页", "公开", "反映", "消息", "我的"]
    assert [tab.label for tab in shown_tabs(tabs[:2])] == ["首页", "公开"]


def test_a_person_is_shown_by_the_first_letter():
    assert (initial("周书记"), initial(" wang"), initial("")) == ("周", "W", "?")


def tabs_of_a_resident() -> tuple[Tab, ...]:
    return (
        Tab("/", "首页", "home", current=True),
        Tab("/public", "公开", "eye"),
        Tab("/report", "反映", "plus", raised=True),
        Tab("/notices", "消息", "bell", count=3),
        Tab("/me", "我的", "user"),
    )


def render(env: jinja2.Environment, page: str, **changes) -> str:
    shell = Shell(
        **{
            "place": "王湾社区",
            "language_url": "/language",
            "elder_url": "/view",
            "bell_url": "/notices",
            "tabs": tabs_of_a_resident(),
            "menu": (MenuGroup("共管 一起管", (MenuItem("/desk", "事项", "list", 38, current=True),)),),
            "search_url": "/search",
            "new_url": "/new",
            "person": "周书记",
            "sign_out_url": "/out",
            **changes,
        }
    )
    moments = {
        name: SUNDAY_AFTERNOON + dt.timedelta(hours=hours)
        for name, hours in {
            "today": -3, "yesterday": -30, "before": -43, "late": -2, "soon": 0.6,
            "tomorrow": 27, "wednesday": 70, "evening": 9,
        }.items()
    }  # fmt: skip
    return env.get_template(page).render(
        shell=shell, now=SUNDAY_AFTERNOON, photo="/photo.jpg", moments=moments, csrf_input="",
        soon=moments["soon"], late=moments["late"], later=moments["wednesday"], detail_open=True,
    )  # fmt: skip


PAGES = (
    "gallery.html", "faces/home.html", "faces/case.html", "faces/ballot.html", "faces/report.html",
    "faces/sign_in.html", "faces/desk.html", "faces/paper.html",
)  # fmt: skip


class Reader(HTMLParser):
    """Collects what the pages must not or must have: ids, inline code, icons, labels."""

    VOID = frozenset({"input", "img", "meta", "link", "br", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()


@pytest.mark.parametrize("template", PAGES)
@pytest.mark.parametrize("view", ["", "elder"])
def test_every_page_is_well_formed_and_keeps_the_content_policy(env, chinese, template, view):
    reader = Reader(render(env, template, view=view))
    assert not reader.open
    ids = [attrs["id"] for _, attrs in reader.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    for tag, attrs in reader.tags:
        assert "style" not in attrs and not any(name.startswith("on") for name in attrs), (tag, attrs)
        assert tag != "script" or attrs.get("src")
        assert tag != "style"
    html = next(attrs for tag, attrs in reader.tags if tag == "html")
    assert html["lang"] == "zh-CN" and html.get("data-view", "") == view


@pytest.mark.parametrize("template", PAGES)
def test_every_icon_a_page_names_is_in_the_sprite(env, template):
    sprite = ElementTree.parse(WEB / "static/tongxin/icons.svg")
    drawn = {symbol.get("id") for symbol in sprite.getroot()}
    named = set(re.findall(r"icons\.svg#([\w-]+)", render(env, template)))
    assert named and named <= drawn


def test_the_gallery_shows_every_component(env):
    shown = (WEB / "templates/gallery.html").read_text()
    by_layouts = {
        "elder_switch", "bell", "bottom_tabs", "language_switch", "foot", "desk_menu", "person_menu", "messages",
        "bound", "confirm", "outbox",
    }  # fmt: skip
    every = set(env.globals["ui"]._index())
    assert {name for name in every - by_layouts if f"ui.{name}(" not in shown} == set()


def test_answers_that_decide_a_right_are_drawn_alike(env, chinese):
    html = env.from_string(
        "{{ ui.equal_options([{'value': 'yes', 'label': '解决了', 'icon': 'check'},"
        " {'value': 'no', 'label': '还没有', 'icon': 'cross'}], '灯亮了吗') }}"
    ).render()
    buttons = [attrs for tag, attrs in Reader(html).tags if tag == "button"]
    assert [button["value"] for button in buttons] == ["yes", "no"]
    assert len({button["class"] for button in buttons}) == 1


def test_a_refused_field_is_tied_to_its_words(env, chinese):
    html = env.from_string("{{ ui.field('what', '什么事', help='一句话', error='请写', required=True) }}").render()
    field = next(attrs for tag, attrs in Reader(html).tags if tag == "input")
    assert field["aria-describedby"] == "f-what-help f-what-error"
    assert field["aria-invalid"] == "true" and "required" in field
    assert "（选填）" not in html


class VisitForm(forms.Form):
    """What a grid worker writes down at a door."""

    name = forms.CharField(label="户主", help_text="按户口本")
    kind = forms.ChoiceField(label="类别", choices=[("old", "老人"), ("young", "孩子")], required=False)


def test_a_form_of_django_is_drawn_with_what_was_wrong(env, chinese):
    form = VisitForm({"name": "", "kind": "young"})
    assert not form.is_valid()
    html = env.from_string("{{ ui.bound(form['name']) }}{{ ui.bound(form['kind'], 'select') }}").render(form=form)
    tags = Reader(html).tags
    name = next(attrs for tag, attrs in tags if tag == "input")
    assert name["id"] == "id_name" and name["aria-invalid"] == "true"
    assert form.errors["name"][0] in html and "按户口本" in html
    assert [attrs["value"] for tag, attrs in tags if tag == "option" and "selected" in attrs] == ["young"]


def test_a_deed_is_read_back_before_it_is_sent(env, chinese):
    html = env.from_string(
        "{% call ui.confirm('撤回这件事？', [('编号', 'WW-20261122-0042')], '撤回', '/c/1', csrf=csrf, danger=True) %}"
        "<input type='hidden' name='reason' value='已自行修好'>{% endcall %}"
    ).render(csrf="token")
    assert "WW-20261122-0042" in html and "已自行修好" in html and "token" in html
    tags = Reader(html).tags
    assert next(attrs for tag, attrs in tags if tag == "a")["href"] == "/c/1"
    assert next(attrs for tag, attrs in tags if tag == "button")["name"] == "confirmed"


def test_the_menu_and_the_tabs_show_only_what_is_given(env, chinese):
    desk = render(env, "faces/desk.html", menu=(), search_url="", new_url="", person="")
    assert 'class="promise"' not in desk and 'role="search"' not in desk and "新事项" not in desk
    home = render(env, "faces/home.html", tabs=(), elder_url="", language_url="", bell_url="")
    assert "tabs5" not in home and "大字版" not in home and "English" not in home


def test_the_first_load_of_home_stays_light(env):
    static = WEB / "static/tongxin"
    files = [static / "tongxin.css", static / "icons.svg", static / "seal.svg", static / "js/base.js"]
    size = sum(len(gzip.compress(file.read_bytes())) for file in files)
    size += len(gzip.compress(render(env, "faces/home.html").encode()))
    assert size <= 40_000, "style, icons, script and page must leave 80 kB for photos"
    assert len(gzip.compress((static / "tongxin.css").read_bytes())) <= 13_000


def test_the_lock_names_no_registry():
    root = WEB.parents[2]
    lock = json.loads((root / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
