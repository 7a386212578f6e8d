"""Two faces' distance in words and on a scale, and what a threshold was measured to do."""

import functools
import json

from demos._face import sentences
from demos._run import both
from demos._ui import ROOT

UNSURE = 0.04  # so near the threshold, the answer is called open
WIDEST = 1.0  # distance at the right end of the scale


def verdict(distance: float, limit: float, chips: list[str]) -> str:
    """Distance beside the threshold, in words and on a scale, and what the threshold means, as HTML.

    chips: the two faces as addresses of pictures.
    """
    near, close = distance < limit, abs(distance - limit) < UNSURE
    zh, en = ("算作同一个人", "taken for one person") if near else ("算作两个人", "taken for two people")
    places = 3 if f"{distance:.2f}" == f"{limit:.2f}" else 2  # 0.50 < 0.50 would look wrong
    numbers = f"{distance:.{places}f} {'<' if near else '≥'} {limit:.{places}f}"
    told = both(f"距离 {numbers}：{zh}", f"Distance {numbers}: {en}")
    turns = [("离阈值太近，换一张照片就可能翻转", "So near the threshold, another photo may turn it")]
    faces = "".join(f'<img src="{chip}" alt="">' for chip in chips)
    kind = "open" if close else "one" if near else "two"
    head = f'<div class="face-verdict {kind}">{faces}<b>{told}</b></div>'
    return head + scale(distance, limit) + sentences(turns if close else []) + meaning(limit)


def scale(distance: float, limit: float) -> str:
    """Where the distance lies between the sample pairs, as HTML."""
    bands = (
        ("one", 0.0, _measured()["same_person_largest"]),
        ("two", _measured()["different_people_least"], WIDEST),
    )
    drawn = "".join(
        f'<rect class="{kind}" x="{100 * start:.1f}" y="6" width="{100 * (end - start):.1f}" height="6"/>'
        for kind, start, end in bands
    )
    told = both(
        "绿：示例里同一人的距离；红：不同人的；竖线是阈值，圆点是这一对",
        "Green: distances of one person on the samples; red: of two people; line: threshold; dot: this pair",
    )
    at = 100 * limit
    return (
        f'<svg class="face-scale" viewBox="0 0 100 18" role="img" aria-label="{distance:.2f}">{drawn}'
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="1" y2="17"/>'
        f'<circle cx="{100 * min(distance, WIDEST):.1f}" cy="9" r="3"/></svg><p class="face-note">{told}</p>'
    )


def meaning(limit: float) -> str:
    """What thresholds did on the samples, as HTML; the one nearest to the limit stands out."""
    measured = _measured()
    steps = [float(key.removeprefix("misses_at_")) for key in measured if key.startswith("misses_at_")]
    nearest = min(steps, key=lambda step: abs(step - limit))
    rows = "".join(
        f'<tr class="{"near" if step == nearest else ""}"><td>{step:.2f}</td>'
        f"<td>{measured[f'misses_at_{step}']:.1%}</td><td>{measured[f'false_accepts_at_{step}']:.2%}</td></tr>"
        for step in steps
    )
    names = (
        ("阈值", "threshold"),
        ("漏认：一人算作两人", "misses: one person taken for two"),
        ("误认：两人算作一人", "false accepts: two people taken for one"),
    )
    head = "".join(f'<th scope="col">{both(*pair)}</th>' for pair in names)
    table = f'<table class="answers face-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    title = both("阈值意味着什么", "What the threshold means")
    return f'<details class="face-meaning"><summary>{title}</summary>{table}{_how_few(limit)}</details>'


def _how_few(limit: float) -> str:
    """What the rates rest on, as HTML. The rule of three: none of n happened, so at most 3 / n would, 95 % sure."""
    measured = _measured()
    same, different = int(measured["same_pairs"]), int(measured["different_pairs"])
    people, least = int(measured["different_pairs_of_people"]), measured["different_people_least"]
    told = (
        f"由 {same} 对同一人、{different} 对不同人的图片测得，但它们只出自一个人的三张照片和 {people} 对人，再改明暗、"
        "大小、角度等",
        f"Measured on {same} pairs of pictures of one person and {different} of two, but they all come from three "
        f"photos of one person and {people} pairs of people, made dark, small, turned and so on",
    )
    if limit > least:
        return sentences([told, (
            f"原图上不同的人最近相距 {least:.2f}，低于这个阈值：这里连原图上也会把两人认成一人",
            f"On the plain photos two people are as near as {least:.2f}, below this threshold: here even some of those "
            "pairs are taken for one person",
        )])  # fmt: skip
    return sentences([told, (
        f"原图上没有一对人被弄错，这只说明真实误认率有 95 % 的把握不超过 {3 / people:.0%}；漏认率则无从限定",
        "No two people are confused on the plain photos, which only says, 95 % sure, that truly at most "
        f"{3 / people:.0%} are; for misses it bounds nothing",
    )])  # fmt: skip


@functools.cache
def _measured() -> dict[str, float]:
    return json.loads((ROOT / "models" / "face_resnet" / "results.json").read_text())["metrics"]
