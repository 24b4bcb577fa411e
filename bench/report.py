"""The measurements as people read them."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.goals import GOALS, STEADY, STEADY_TIMES, WEIGHT


def machine() -> dict[str, Any]:
    """What was measured on."""
    info = Path("/proc/cpuinfo")
    models = (
        [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        if (info.exists())
        else []
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": models[0] if models else platform.processor(),
        "memory": f"{memory:.0f} GiB",
        "load before": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "django": version("django"),
        "gunicorn": version("gunicorn"),
        "psycopg": version("psycopg"),
        "sqlite": sqlite3.sqlite_version,
    }


def heading(of: dict[str, Any]) -> list[str]:
    return ["# Measured", "", " · ".join(f"{name} {value}" for name, value in of.items()), ""]


def table(result: dict[str, Any]) -> list[str]:
    """One database of one size."""
    lines = [
        f"## {result['database']}, {result['cases']:,} cases ({result['at']})",
        "",
        "| page | p50 ms | p95 ms | per second | share of bare | queries | kB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in result["rows"].items():
        share = f"{row['share']:.3f}" if "share" in row else "1"
        wrong = f" ({row['wrong']} wrong!)" if row["wrong"] else ""
        lines.append(
            f"| {name}{wrong} | {row['p50']} | {row['p95']} | {row['throughput']} | {share} | "
            f"{row.get('queries', 1)} | {row['bytes'] / 1000:.1f} |"
        )
    return [*lines, ""]


def goals(results: list[dict[str, Any]]) -> tuple[list[str], bool]:
    """Each goal with what was measured, met or not; and whether all that could be judged were met."""
    by_size = {(r["database"], r["cases"]): r["rows"] for r in results}
    lines, good = ["## Goals", "", "| goal | measured | |", "|---|---|---|"], True
    rows = by_size.get(("postgresql", 100_000))
    for name, least in GOALS.items() if rows else ():
        met = rows[name]["share"] >= least and not rows[name]["wrong"]  # type: ignore[index]
        share = rows[name]["share"]  # type: ignore[index]
        lines.append(f"| {name} ≥ {least} of bare | {share:.3f} | {_word(met)} |")
        good &= met
    small, large = by_size.get(("postgresql", 10_000)), by_size.get(("postgresql", 1_000_000))
    for name in STEADY if small and large else ():
        times = large[name]["p95"] / small[name]["p95"]  # type: ignore[index]
        met = times <= STEADY_TIMES
        lines.append(f"| {name}: p95 at a million ≤ {STEADY_TIMES} × ten thousand | {times:.2f} × | {_word(met)} |")
        good &= met
    return ([*lines, ""] if len(lines) > 4 else []), good


def mixed(found: dict[str, Any]) -> tuple[list[str], bool]:
    """The mixed run on SQLite."""
    lines = [
        f"## {found['rate']} mixed requests a second for {found['seconds']} s, SQLite, worker beside it",
        "",
        "| kind | requests | p50 ms | p95 ms | worst ms | wrong |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for kind, row in found["rows"].items():
        lines.append(f"| {kind} | {row['n']} | {row['p50']} | {row['p95']} | {row['worst']} | {row['wrong']} |")
    good = found["locked"] == 0 and not any(row["wrong"] for row in found["rows"].values()) and found["kept_up"]
    lines += ["", f"Finished {found['per_second']} a second; “database is locked” {found['locked']} times: "
              f"{_word(good)}", ""]  # fmt: skip
    return lines, good


def weight(found: dict[str, Any]) -> tuple[list[str], bool]:
    """What the first load of the resident's pages weighs."""
    lines = ["## First load, compressed", ""]
    good = True
    for page, parts in found["pages"].items():
        total = sum(parts.values())
        good &= total <= WEIGHT
        lines += [
            f"| {page} | {total / 1000:.1f} kB | ≤ {WEIGHT / 1000:.0f} kB: {_word(total <= WEIGHT)} |",
            "|---|---:|---|",
        ]
        lines += [f"| {name} | {size / 1000:.1f} kB | |" for name, size in parts.items()]
        lines.append("")
    return lines, good


def _word(met: bool) -> str:
    return "met" if met else "NOT met"
