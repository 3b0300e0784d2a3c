"""Every tag and filter of the pages: what it writes, and that nothing people wrote can break out of it."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from lucide import IconDoesNotExist

from apps.core.templatetags.core.dates import day_words
from apps.core.templatetags.core.people import hue, initials, name_of
from apps.core.templatetags.core.words import number, percent_filter, plain

TODAY = date(2026, 11, 22)  # a Sunday
DASH = "\N{EN DASH}"
EVIL = "\"'><script>alert(1)</script>\u202eevil"


def draw(source: str, **context: Any) -> str:
    """A template of one line, rendered."""
    return Template(source).render(Context(context))


def person(name: str = "Maya Ortiz", pk: int = 1, **more: Any) -> SimpleNamespace:
    """Somebody with a name."""
    return SimpleNamespace(name=name, pk=pk, **more)


# ---- numbers and text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, DASH),
        ("x", DASH),
        (float("nan"), DASH),
        (float("inf"), DASH),
        (True, DASH),
        (0, "0"),
        (11.20, "11.2"),
        (10000, "10,000"),
        (Decimal("0.005"), "0"),
        (-3.456, "-3.46"),
        (1e30, "1e+30"),
        (10**400, DASH),
    ],
)
def test_number_is_as_people_read_it(value: object, text: str):
    assert number(value) == text


def test_number_follows_the_language():
    with translation.override("de"):
        assert number(1234.5) == "1.234,5"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.617, "62"), (0, "0"), (1, "100"), (12.5, "1,250"), (None, DASH), ("a", DASH),
        (0.997, "99"), (0.99999, "99"), (sum([0.1] * 10), "100"), (0.003, "1"), (1.004, "101"), (1e300, "1e+302"),
    ],
)  # fmt: skip
def test_percent_is_whole(value: object, text: str):
    assert percent_filter(value).split("\u202f")[0].split(" ")[0] == text


@given(st.one_of(st.none(), st.floats(), st.integers(), st.decimals(), st.text(max_size=9)))
def test_numbers_never_fail(value: object):
    assert number(value)
    assert percent_filter(value)


def test_plain_takes_out_what_turns_text():
    assert plain("a\u202eb\u2066c\0d\ne") == "abcde"


def test_reading_has_its_unit():
    assert draw('{% reading 11.2 "days" %}') == "11.2 days"
    assert draw('{% reading x "days" %}', x=None) == DASH
    assert "<script>" not in draw("{% reading 1 unit %}", unit=EVIL)


def test_note_and_markdown_are_clean():
    assert "<script>" not in draw(
        "{{ text|markdown }}{% note text %}{% note text 'html' %}{% note text 'text' %}", text=EVIL
    )
    assert draw("{% note none %}") == ""


# ---- links and icons


def test_icon_is_drawn_and_silent():
    html = draw('{% icon "target" 20 "big" %}')
    assert html.startswith("<svg")
    assert 'aria-hidden="true"' in html
    assert 'width="20"' in html
    assert "xmlns" not in html


def test_icon_refuses_an_unknown_name():
    with pytest.raises(IconDoesNotExist):
        draw('{% icon "no-such-icon" %}')


def test_at_stays_in_the_workspace():
    workspace = SimpleNamespace(slug="harbour")
    assert draw('{% at "goals:goal_list" %}', workspace=workspace) == "/w/harbour/goals/"


def test_query_with_changes_only_what_it_names():
    request = RequestFactory().get("/", {"team": ["1", "2"], "sort": "due", "after": "x"})
    assert draw('{% query_with sort="rank" %}', request=request) == "?team=1&amp;team=2&amp;sort=rank"
    assert draw("{% query_with team=None sort='' %}", request=request) == "?"
    assert "after=y" in draw('{% query_with after="y" before=None %}', request=request)
    assert "after=x" not in draw("{% query_with team=3 %}", request=request)


def test_query_with_escapes_and_works_without_a_request():
    assert "<script>" not in draw("{% query_with q=evil %}", evil=EVIL)
    assert draw("{% query_with q=1 %}") == "?q=1"


def test_chip_escapes_and_links():
    assert "<script>" not in draw("{% chip evil evil icon='lock' url=evil %}", evil=EVIL)
    assert draw('{% chip "Intake" "results" url="/x" %}').startswith('<a class="chip results" href="/x">')


# ---- people


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Maya Ortiz", "MO"),
        ("Cher", "C"),
        ("Ana María de la Cruz", "AC"),
        ("王小明", "王"),
        ("محمد علي", "م"),
        ("Ökçe Şahin", "ÖŞ"),
        ("  ", "?"),
        ("", "?"),
        ("🙂 🙂", "?"),
        ("o'neil-smith", "O"),
        ("e\u0301mile zola", "E\u0301Z"),
        ("(ext) Bob", "EB"),
        ("अमित शर्मा", "अ"),
    ],
)
def test_initials_for_names_of_every_script(name: str, letters: str):
    assert initials(name) == letters


@given(st.text(max_size=60))
def test_initials_never_fail_and_stay_short(name: str):
    assert 1 <= len(initials(name)) <= 40


def test_name_falls_back_to_the_key_of_the_import():
    assert name_of(SimpleNamespace(name="", key="gh:maya", email="m@x.example")) == "gh:maya"
    assert name_of(SimpleNamespace(name="", external_id="u-7")) == "u-7"
    assert name_of(SimpleNamespace(name="\u202e", email="m@x.example")) == "m@x.example"


def test_hue_is_of_the_person_not_of_the_name():
    assert hue(person("A", 5)) == hue(person("B", 5))
    assert {hue(person("A", pk)) for pk in range(200)} == set(range(12))


def test_avatar_of_nobody_is_a_ring():
    assert "nobody" in draw("{% avatar none %}")
    assert "Nobody yet" in draw("{% person none %}{% face none %}")


def test_people_are_escaped_and_isolated():
    evil = person(EVIL)
    html = draw(
        "{% avatar evil %}{% face evil %}{% person evil url=url detail=url %}{% faces all 1 %}",
        evil=evil,
        all=[evil] * 3,
        url=EVIL,
    )
    assert "<script>" not in html
    assert "<bdi>" in html
    assert "+2" in html
    assert "\u202e" not in draw("{% face evil %}{% avatar evil %}", evil=evil)


# ---- dates


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (4, "Thursday"),
        (6, "Saturday"),
        (7, "in 7 days"),
        (13, "in 13 days"),
        (14, "in 2 weeks"),
        (27, "in 4 weeks"),
        (60, "21 January 2027"),
        (-2, "2 days ago"),
        (-16, "2 weeks ago"),
        (-28, "4 weeks ago"),
        (-100, "14 August"),
    ],
)
def test_day_words_are_those_a_person_uses(days: int, words: str):
    assert day_words(TODAY + timedelta(days=days), TODAY) == words


def test_when_has_the_exact_date_as_its_title():
    html = draw("{% when day %}", day=date(2026, 11, 26), today=TODAY)
    assert html == '<time datetime="2026-11-26" title="Thursday, 26 November 2026">Thursday</time>'


def test_moments_are_written_without_american_halves_of_the_day():
    html = draw("{% when moment %}", moment=datetime(2026, 11, 20, 14, 5, tzinfo=ZoneInfo("UTC")), today=TODAY)
    assert 'title="Friday, 20 November 2026, 14:05"' in html


def test_timeline_names_no_month_that_would_be_cut_at_its_edge():
    rows = [{"label": "Goal", "url": "/", "start": date(2026, 10, 5), "end": date(2027, 1, 3)}]
    html = draw("{% timeline rows 'Goals' %}", rows=rows, today=TODAY)
    assert re.findall(r"<text [^>]*>(Nov|Dec|Jan[^<]*)</text>", html) == ["Nov", "Dec"]
    longer = [{**rows[0], "end": date(2027, 3, 3)}]
    assert ">Jan 2027</text>" in draw("{% timeline rows 'Goals' %}", rows=longer, today=TODAY)


@pytest.mark.parametrize(
    ("style", "words"),
    [("date", "19 Dec"), ("both", "19 December, in 4 weeks"), ("words", "in 4 weeks"), ("odd", "in 4 weeks")],
)
def test_when_has_styles(style: str, words: str):
    assert f">{words}<" in draw("{% when day style %}", day=date(2026, 12, 19), today=TODAY, style=style)


def test_when_says_none_in_its_own_words():
    assert draw("{% when none %}") == ""
    assert "no date" in draw('{% when "2026-01-01" none="no date" %}')


@time_machine.travel(datetime(2026, 11, 22, 22, 30, tzinfo=ZoneInfo("UTC")), tick=False)
def test_when_sees_moments_from_the_readers_time_zone():
    moment = datetime(2026, 11, 22, 22, 20, tzinfo=ZoneInfo("UTC"))
    with timezone.override("Asia/Tokyo"):
        assert "10 minutes ago" in draw("{% when moment %}", moment=moment)
        assert "yesterday at 11:00" in draw(
            "{% when moment %}", moment=datetime(2026, 11, 22, 2, tzinfo=ZoneInfo("UTC"))
        )
        assert "just now" in draw("{% when moment %}", moment=timezone.now())
    with timezone.override("America/Lima"):
        assert "today at 06:00" in draw("{% when moment %}", moment=datetime(2026, 11, 22, 11, tzinfo=ZoneInfo("UTC")))


def test_when_takes_naive_moments_and_the_ends_of_time():
    assert "<time" in draw("{% when moment %}", moment=datetime(2026, 1, 1, 8), today=TODAY)  # noqa: DTZ001 - naive is the case
    assert "9999" in draw("{% when day 'both' %}", day=date.max, today=TODAY)
    assert "<time" in draw("{% when day 'both' %}", day=date.min, today=TODAY)


def test_when_follows_the_language():
    with translation.override("de"):
        assert "Donnerstag" in draw("{% when day %}", day=date(2026, 11, 26), today=TODAY)


# ---- figures and charts


def test_progress_has_its_tick_and_says_both():
    html = draw('{% progress 0.62 0.55 "Progress" %}')
    assert 'aria-label="Progress: 62' in html
    assert 'width="62%"' in html
    assert 'x="55%"' in html


def test_progress_of_nothing_says_so():
    assert "No measure yet" in draw("{% progress none %}")


@pytest.mark.parametrize(("value", "width"), [(-3, "0%"), (7, "100%"), (Decimal("0.5"), "50%")])
def test_progress_stays_in_its_bar(value: object, width: str):
    assert f'class="fill" y="4" width="{width}"' in draw("{% progress value 9 %}", value=value)


def test_positions_keep_their_point_in_every_language():
    with translation.override("de"):
        assert 'width="12.5%"' in draw("{% progress 0.125 %}")
        assert 'cx="50' in draw(
            "{% line_chart 'x' rows 0 10 s e %}", rows=[(TODAY, 5)], s=TODAY - timedelta(9), e=TODAY + timedelta(9)
        )


@pytest.mark.parametrize(
    ("value", "css", "words"),
    [
        ("on_track", "on", "On track"),
        ("at_risk", "risk", "At risk"),
        ("off_track", "off", "Off track"),
        (None, "none", "No check-in yet"),
        (EVIL, "none", "No check-in yet"),
        ("dropped", "dropped", "Dropped"),
    ],
)
def test_status_is_a_shape_and_a_word(value: object, css: str, words: str):
    assert draw("{% status value %}", value=value) == f'<span class="status {css}">{words}</span>'


CHARTS = [
    ("{% spark rows evil %}", {"rows": [1, None, "x", 3]}),
    (
        "{% line_chart evil rows 14 9 s e evil %}",
        {"rows": [(TODAY, 12), (TODAY + timedelta(5), None), (TODAY + timedelta(9), 11)], "s": TODAY, "e": date.max},
    ),
    ("{% line_chart evil rows %}", {"rows": []}),
    (
        "{% scatter rows evil x_label=evil y_label=evil %}",
        {
            "rows": [
                {"x": 3, "y": 4, "label": EVIL, "url": EVIL, "status": EVIL, "detail": EVIL},
                {"x": None, "y": 1, "label": EVIL, "url": "/"},
            ]
        },
    ),
    (
        "{% timeline rows evil %}",
        {
            "rows": [
                {"label": EVIL, "group": True},
                {"label": EVIL, "url": EVIL, "start": date.min, "end": date.max, "progress": 9, "status": EVIL},
                {"label": "x"},
            ]
        },
    ),
    ("{% timeline rows evil %}", {"rows": []}),
    ("{% heat_strip rows evil %}", {"rows": [{"on": TODAY, "state": "done"}, {"on": None, "state": EVIL}] * 50}),
    ("{% heat_strip rows evil %}", {"rows": []}),
    (
        "{% stacked_bar rows evil 38 evil %}",
        {"rows": [{"label": EVIL, "value": 40, "url": EVIL}, {"label": "y", "value": None}]},
    ),
    ("{% stacked_bar rows evil %}", {"rows": []}),
]


@pytest.mark.parametrize(("source", "context"), CHARTS)
def test_charts_take_anything_and_let_nothing_out(source: str, context: dict[str, Any]):
    html = draw(source, evil=EVIL, **context)
    assert "<script>" not in html
    assert "style=" not in html


def test_charts_have_the_same_figures_as_a_table():
    html = draw("{% line_chart 'Wait' rows 14 9 s e 'days' %}", rows=[(TODAY, 12.5)], s=TODAY, e=TODAY + timedelta(30))
    assert "<desc>Wait: from 14 days, now 12.5 days, target 9 days</desc>" in html
    assert '<td class="num">12.5 days</td>' in html
    assert "<summary>Figures</summary>" in html


def test_scatter_points_are_links_in_order():
    html = draw(
        "{% scatter rows 'Map' %}",
        rows=[{"x": 5, "y": 5, "label": "One", "url": "/1"}, {"x": 5, "y": 5, "label": "Two", "url": "/2"}],
    )
    assert html.index('href="/1"') < html.index('href="/2"')
    assert 'aria-label="One"' in html


def test_stacked_bar_says_what_is_too_much():
    html = draw("{% stacked_bar rows 'Maya' 38 'h' %}", rows=[{"label": "a", "value": 30}, {"label": "b", "value": 14}])
    assert "44 h of 38 h" in html
    assert "6 h too much" in html


# ---- forms


class Sample(forms.Form):
    """One field of each kind."""

    title = forms.CharField(label="Title", help_text="In one sentence.")
    reason = forms.CharField(required=False, widget=forms.Textarea)
    sure = forms.ChoiceField(label="Sure?", choices=[("y", EVIL), ("n", "No")], widget=forms.RadioSelect)
    tell = forms.BooleanField(required=False, help_text="They find it in their digest.")
    secret = forms.IntegerField(widget=forms.HiddenInput)


def test_field_ties_label_help_and_error_to_its_control():
    html = draw("{% field form.title %}", form=Sample({}))
    assert '<label for="id_title">' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html


def test_field_marks_what_is_optional():
    assert "optional" in draw("{% field form.reason %}", form=Sample())
    assert "optional" not in draw("{% field form.title %}", form=Sample())
    assert "optional" not in draw("{% field form.reason optional=False %}", form=Sample())


def test_field_of_choices_is_a_named_group():
    html = draw("{% field form.sure size='choices' %}", form=Sample({}))
    assert "<fieldset" in html
    assert "<legend>Sure?" in html
    assert "<script>" not in html
    assert 'for="id_sure_0"' in html


def test_error_summary_leads_to_each_field():
    html = draw("{% error_summary form %}", form=Sample({}))
    assert "3 things need another look" in html
    assert 'href="#id_title"' in html
    assert 'tabindex="-1"' in html
    assert 'role="alert"' in html


def test_error_summary_is_silent_without_errors():
    assert draw("{% error_summary form %}", form=Sample()).strip() == ""
    assert draw("{% error_summary form %}", form=Sample({"title": "x", "sure": "y", "secret": 1})).strip() == ""


def test_error_summary_tells_what_belongs_to_no_field():
    form = Sample({"title": "x", "sure": "y", "secret": "no"})
    form.add_error(None, EVIL)
    html = draw("{% error_summary form %}", form=form)
    assert "2 things need another look" in html
    assert "<script>" not in html


def test_whole_forms_are_drawn_the_same_way():
    html = str(Sample({}))
    assert 'class="summary"' in html
    assert 'name="secret"' in html
    assert html.count('class="field') == 4


# ---- boxes


def test_boxes_escape_their_titles():
    html = draw(
        "{% card evil note=evil css=evil %}a{% endcard %}{% card %}b{% endcard %}"
        "{% menu evil 'm' icon='plus' bare=True %}c{% endmenu %}"
        "{% dialog 'd' evil %}e{% enddialog %}{% table evil css='cards' wide=True %}f{% endtable %}",
        evil=EVIL,
    )
    assert "<script>" not in html
    for part in (
        "a</section>",
        'popovertarget="m"',
        '<dialog id="d"',
        'class="table-box wide"',
        '<div class="card ">b',
    ):
        assert part in html


INCLUDES: dict[str, dict[str, Any]] = {
    "_empty": {"icon": "target", "text": EVIL, "action_label": EVIL, "action_url": EVIL, "example": EVIL},
    "_pager": {"previous": EVIL, "next": EVIL, "shown": EVIL},
    "_views": {"label": EVIL, "views": [{"label": EVIL, "url": EVIL, "icon": "table", "current": True}]},
    "_filters": {"form": Sample({}), "active": [{"label": EVIL, "value": EVIL, "remove_url": EVIL}], "target": EVIL},
    "_readers": {"text": EVIL, "url": EVIL},
    "_results": {
        "query": EVIL,
        "groups": [{"label": EVIL, "items_found": [{"url": EVIL, "title": EVIL, "detail": EVIL}]}],
    },
}


@pytest.mark.parametrize("name", sorted(INCLUDES))
def test_includes_escape_everything(name: str):
    html = draw(
        f'{{% include "components/{name}.html" %}}', request=RequestFactory().get("/", {"q": EVIL}), **INCLUDES[name]
    )
    assert html.strip()
    assert "<script>" not in html


def test_pager_of_one_page_is_nothing():
    assert draw('{% include "components/_pager.html" %}').strip() == ""


def test_results_without_any_say_so():
    assert "Nothing found" in draw('{% include "components/_results.html" %}', query="x", groups=[])
