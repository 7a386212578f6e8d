"""The table of a back-test: how each way of forecasting did on the last seasons, hidden from it."""

import numpy as np

from demos._chart import WAYS
from demos._run import both
from demos._series import Series

MOST_FOLDS = 3  # seasons that are hidden


def folds_of(series: Series, season: int) -> int:
    """How many of the last seasons can be hidden and still leave enough; 0 for none."""
    ahead, enough = max(season, 4), max(2 * season, 12) + max(season, 4)
    return int(min(MOST_FOLDS, max(0, (len(series.values) - enough + max(season, 4)) // ahead)))


def table(ways: list[dict], season: int, folds: int, done: bool = False) -> str:
    """MASE and coverage of each way so far; the lowest MASE of all is marked once all are there."""
    if not folds:
        return f"<p>{both('序列太短，做不了回测', 'Too short for a back-test')}</p>"
    measured = [way["mase"] for way in ways if np.isfinite(way.get("mase", np.nan))]
    best = min(measured) if done and measured else None
    heads = (("方法", "way"), ("MASE", "MASE"), ("80 % 区间命中", "inside its 80 %"))
    head = "".join(f'<th scope="col">{both(*one)}</th>' for one in heads)
    rows = "".join(_row(way, best) for way in sorted(ways, key=lambda way: way.get("mase", np.inf)))
    told = both(
        f"藏起最后 {folds} 段（每段 {max(season, 4)} 步），各用之前的数据预测；"
        "MASE 是误差除以一个季节的平均变化，越小越好",
        f"The last {folds} x {max(season, 4)} steps are hidden, each part is forecast from what was before; MASE is "
        "the error in units of the mean change over a season, the lower the better",
    )
    table = f'<table class="answers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f"{table}<p>{told}</p>"


def _row(way: dict, best: float | None) -> str:
    name, colour = WAYS[way["name"]]
    dot = f'<span style="color:{colour} !important">●</span> {name}'
    if not np.isfinite(way.get("mase", np.nan)):
        told = both("在这个序列上算不出", "does not work on this series")
        if "quantiles" in way:
            told = both(
                "序列一季一季完全重复，MASE 没有单位", "the seasons are all the same, so MASE has no unit"
            )
        return f"<tr><td>{dot}</td><td colspan='2'>{told}</td></tr>"
    first = way["mase"] == best
    mark = f" ★ {both('这里最好', 'best here')}" if first else ""
    mase = f"<b>{way['mase']:.3f}</b>{mark}" if first else f"{way['mase']:.3f}"
    return f"<tr><td>{dot}</td><td>{mase}</td><td>{way['coverage']:.0%}</td></tr>"
