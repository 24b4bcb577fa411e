"""python -m bench: measure the product's pages beside a bare Django view, on both databases.

Each database of each size is built in a throwaway folder: SQLite as an installation uses it, PostgreSQL by
scripts/with-postgres with durable settings (fsync and synchronous_commit as they are by default). The results are
printed as Markdown and kept as JSON; the exit status is 1 if a goal was missed.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import report

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    if sys.argv[1:2] == ["day"]:
        from bench import day

        return day.main(sys.argv[2:])
    if sys.argv[1:2] == ["similar"]:
        from bench import similar

        return similar.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="?", default="pages", choices=("pages", "mixed", "weight", "one", "day", "similar"),
                        help="pages (default): tables and goals; mixed: 50 requests a second on SQLite; "
                             "weight: the first load of the resident's home; "
                             "day (options of its own): 2,000 arrivals by every channel; "
                             "similar (--data): labelled pairs of appeals")  # fmt: skip
    parser.add_argument("--cases", default="10000,100000,1000000", help="sizes, separated by commas")
    parser.add_argument("--databases", default="sqlite,postgresql", help="sqlite, postgresql or both")
    parser.add_argument("--quick", action="store_true", help="one short round of each page")
    parser.add_argument("--seconds", type=int, default=60, help="length of the mixed run")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder for the results")
    args = parser.parse_args()
    if args.what == "one":
        return _one(args)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.what == "pages":
        return _pages(args)
    found = _apart("sqlite", 10_000, args, args.what)
    lines, good = report.mixed(found) if args.what == "mixed" else report.weight(found)
    print("\n".join(lines))
    (args.out / f"{args.what}.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0 if good else 1


def _pages(args: argparse.Namespace) -> int:
    results = []
    for size in args.cases.split(","):
        for database in args.databases.split(","):
            print(f"{database}, {int(size):,} cases", flush=True)
            results.append(_apart(database, int(size), args, "pages"))
            _keep(args.out, results)
            print("\n".join(report.table(results[-1])), flush=True)
    lines, good = report.goals(results)
    print("\n".join(lines))
    return 0 if good else 1


def _keep(out: Path, results: list[dict[str, Any]]) -> None:
    machine = report.machine()
    whole = {"machine": machine, "results": results}
    (out / "bench.json").write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")
    lines = report.heading(machine)
    for result in results:
        lines += report.table(result)
    (out / "bench.md").write_text("\n".join([*lines, *report.goals(results)[0], ""]), encoding="utf-8")


def _apart(database: str, cases: int, args: argparse.Namespace, what: str) -> dict[str, Any]:
    """One measurement in processes and a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="tongxin-bench-"))
    try:
        out = folder / "result.json"
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TONGXIN_")},
            "TONGXIN_DATA": str(folder),
            "TONGXIN_SECRET_KEY": "only-for-the-bench-" * 3,
            "TONGXIN_FIELD_KEY": base64.b64encode(b"only-for-bench--" * 2).decode(),
            "PG_DURABLE": "1",
            "DJANGO_SETTINGS_MODULE": "tongxin.config.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
            "BENCH_WHAT": what,
        }
        command = [sys.executable, "-m", "bench", "one", "--cases", str(cases), "--out", str(out),
                   "--seconds", str(args.seconds), *(["--quick"] if args.quick else [])]  # fmt: skip
        if database == "postgresql":
            command = [str(ROOT / "scripts" / "with-postgres"), *command]
        if subprocess.run(command, env=environment, cwd=ROOT).returncode:
            raise SystemExit(f"bench: {database} with {cases:,} cases failed")
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _one(args: argparse.Namespace) -> int:
    """Within that process: measure, and leave the result in ``--out``."""
    data = Path(os.environ["TONGXIN_DATA"])
    os.environ.setdefault("TONGXIN_DATABASE_URL", f"sqlite:///{data}/tongxin.sqlite3")
    import django

    django.setup()
    from bench import load, measure

    what, cases = os.environ["BENCH_WHAT"], int(args.cases)
    if what == "pages":
        found = measure.run(cases, args.quick)
    elif what == "mixed":
        found = load.mixed(cases, args.seconds)
    else:
        found = load.weight(cases)
    args.out.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
