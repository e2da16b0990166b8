"""The scene that the report draws: it trips for breathing before the saturation is low, and the patient recovers."""

from __future__ import annotations

from assuage_rig.plant.person import Person
from assuage_rig.plant.scene import TIME, Scene, figures, low_for, play
from assuage_rig.report.plots import plot
from assuage_rig.runrecord import Evidence

from .report_runs import Page


def why(scene: Scene) -> str:
    return next((mark for mark in scene.marks if mark.startswith("pump stopped")), "")


def test_ketamine_alone_stops_no_pump() -> None:
    scene = play(opioid_ug_kg=0.0)
    assert not why(scene)
    assert min(s.spo2 for s in scene.signs) > 95
    assert 70 < scene.effects["ketamine"][-1] < 160  # ng/mL: analgesic


def test_an_opioid_on_top_stops_it_and_the_patient_recovers() -> None:
    scene = play()
    tripped, nurse = scene.marks[why(scene)], scene.marks["nurse"]
    assert "breathing below 8 /min" in why(scene)
    assert scene.marks["fentanyl"] < tripped < nurse < scene.marks["fentanyl"] + 10
    at_trip, at_nurse, last = (scene.signs[round(t * 60) - 1] for t in (tripped, nurse, 45.0))
    assert at_trip.spo2 > 90
    assert at_nurse.spo2 < at_trip.spo2
    assert last.resp_rate > 8
    assert last.spo2 > 95
    assert last.etco2 > scene.signs[0].etco2


def test_the_oximeter_alone_is_later_than_the_breath() -> None:
    breath, finger = play(), play(trip=low_for(spo2=92.0, rate=0.0))
    assert "SpO2" in why(finger)
    assert finger.marks[why(finger)] > breath.marks[why(breath)] + 0.25


def test_once_stopped_no_more_drug_is_given() -> None:
    scene = play()
    tripped = round(scene.marks[why(scene)] * 60)
    later = scene.effects["ketamine"][tripped + 60 :]
    assert later == sorted(later, reverse=True)


def test_every_patient_gets_over_it() -> None:
    for seed_person in (Person(opioid=2.0), Person(opioid=0.5), Person(frc_ml=1200, shunt=0.08)):
        assert play(seed_person).signs[-1].spo2 > 90


def test_its_figures_are_drawn_with_their_limits_and_marks() -> None:
    scene = play(minutes=30)
    drawn = figures(scene.signs, scene.effects, {"spo2": 90.0, "resp_rate": 8.0})
    assert [f.title for f in drawn] == ["Saturation", "Breathing", "Circulation", "At the effect site"]
    for figure in drawn:
        series = {name: [list(xs), list(ys)] for name, (xs, ys) in figure.series.items()}
        item = Evidence("plot", figure.title, TIME, figure.y, series, dict(figure.lines), False, marks=scene.marks)
        page = Page(plot(item))
        names = [a for name, a in page.elements if name == "polyline"]
        assert len(names) == len(series)
    assert drawn[0].lines == {"limit of spo2": 90.0}
