"""The plots of the page."""

import math
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.bench.goals import Results
from tests.bench.plots import Bar, Plot, plots
from tests.bench.results import Crash, Finished, Load, Series, Work

SVG = "{http://www.w3.org/2000/svg}"
LOAD = Load(began=0, accepted=4000, failed=0, seconds=2.0, p50=1.0, p99=10.0, generator=0.5)
WORK = Work(
    "Wink",
    receiving=[Series("Wink, API key", {16: LOAD})],
    start=1.5,
    idle=100.0,
    peak=200.0,
    cpu=0.5,
    services=0.0,
    finished={16: Finished(LOAD, 4000, 2.0)},
    delays=[1.0],
    crash=Crash(1500, 0),
)


def parsed(plot):
    return ET.fromstring(plot.svg())  # noqa: S314 - it was written here


def shapes(plot, kind="rect", name="first"):
    return [each for each in parsed(plot).iter(SVG + kind) if each.get("class") == name]


def lengths(plot, name="first"):
    return [float(each.get("width")) for each in shapes(plot, name=name)]


def test_bars_are_as_long_as_their_values():
    longest, shorter = lengths(Plot("t", "l", [Bar("a", [100.0]), Bar("b", [25.0])]))

    assert longest == 4 * shorter


def test_a_second_value_is_the_longer_bar_behind_the_first():
    plot = Plot("t", "l", [Bar("a", [50.0, 100.0])])

    assert lengths(plot, "more") == [2 * width for width in lengths(plot)]


def test_ten_times_is_as_far_everywhere_on_a_logarithmic_scale():
    plot = Plot("t", "l", [Bar("a", [1.0, 10.0]), Bar("b", [10.0, 100.0])], spans=True)

    a, b, c, d = (float(each.get("cx")) for each in shapes(plot, "circle"))

    assert (b, d - c) == pytest.approx((c, b - a))


@pytest.mark.parametrize("spans", [True, False])
@pytest.mark.parametrize("values", [[math.inf, math.inf], [math.nan], [0.0], [0.0, 0.0]])
def test_what_is_no_length_is_drawn_within_the_plot(values, spans):
    plot = Plot("t", "l", [Bar("a", values), Bar("b", [1.0, 2.0])], spans=spans)

    assert "nan" not in plot.svg()
    assert "inf" not in plot.svg()


def test_names_are_text_whatever_is_in_them():
    plot = Plot("a < b", "c & d", [Bar("<e>", [1.0])])

    words = {each.text for each in parsed(plot).iter(SVG + "text")}

    assert words == {"a < b", "c & d", "<e>", "1"}


def test_each_plot_has_a_row_for_each_system():
    results = Results([], [WORK], peers=[replace(WORK, name="other")])

    rows = {name: [bar.label for bar in plot.bars] for name, plot in plots(results).items()}

    alike = ["Wink", "other"]
    assert rows == {"finished": alike, "receipt": ["Wink, API key", *alike], "memory": alike, "cpu": alike}


def test_wink_stands_out_from_its_peers():
    plot = plots(Results([], [WORK], peers=[replace(WORK, name="other")]))["cpu"]

    groups = parsed(plot).findall(SVG + "g")

    assert [group.get("class") for group in groups] == ["ours", None]
