"""``tongxin triage``: train the model that suggests categories, and say how good it is."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tongxin.commands.output import Progress, refused, result, say, setup

if TYPE_CHECKING:
    from tongxin.triage.training import Evaluation

ENCODINGS = ("utf-8-sig", "gb18030")


def register(subparsers: Any) -> None:
    """Add ``triage`` with its verbs."""
    parser = subparsers.add_parser(
        "triage", help="train and judge the model that suggests categories", description=__doc__
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    train = verbs.add_parser(
        "train",
        help="from rows of text and label (CSV), from cases, or both",
        description="Judges itself by five-fold cross-validation first, then learns from all rows and replaces the "
        "installed model at once. Which categories a label means is said on the page Settings, Suggestions.",
    )
    train.add_argument(
        "file", type=Path, nargs="?", metavar="FILE", help="CSV with the columns text,label (UTF-8 or GBK)"
    )
    train.add_argument(
        "--with-corrections", action="store_true", help="and from the cases whose category staff changed"
    )
    train.add_argument("--from-cases", action="store_true", help="from this installation's closed cases alone")
    train.add_argument("--json", action="store_true", help="print the result as JSON")
    train.set_defaults(run=run_train)
    evaluate = verbs.add_parser(
        "evaluate", help="five-fold cross-validation on rows of text and label; installs nothing"
    )
    evaluate.add_argument("file", type=Path, metavar="FILE", help="CSV with the columns text,label (UTF-8 or GBK)")
    evaluate.add_argument("--json", action="store_true", help="print the result as JSON")
    evaluate.set_defaults(run=run_evaluate)
    corrections = verbs.add_parser("corrections", help="write what staff put right as a CSV file of text,label")
    corrections.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    corrections.set_defaults(run=run_corrections)


def rows_of(path: Path) -> list[tuple[str, str]]:
    """(text, label) of a CSV file. Raises ``ValueError`` with what is wrong."""
    data = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError("the file is neither UTF-8 nor GBK")
    reader = csv.DictReader(io.StringIO(text))
    if missing := {"text", "label"} - set(reader.fieldnames or ()):
        raise ValueError(f"the column {sorted(missing)[0]} is missing")
    return [(row["text"], row["label"].strip()) for row in reader if row["text"] and (row["label"] or "").strip()]


def run_evaluate(args: argparse.Namespace) -> int:
    """Judge; 0 if it was judged, 2 if the file cannot be taken."""
    setup()
    from tongxin.triage.training import TooFewRows, evaluate, figures

    try:
        rows = rows_of(args.file)
        done = evaluate(rows, progress=Progress("folds"))
    except (OSError, ValueError, TooFewRows) as error:
        return refused(args.json, str(error))
    result(figures(done), args.json, _in_words(done))
    return 0


def _in_words(done: Evaluation) -> str:
    from tongxin.triage.training import figures

    told = figures(done)
    lines = [f"{told['n']} rows, macro-F1 {told['macro_f1']:.4f}, accuracy {told['accuracy']:.4f}"]
    lines.append("folds " + " ".join(f"{fold:.4f}" for fold in told["folds"]))
    lines += [f"  {label}  F1 {value:.3f}" for label, value in told["labels"].items()]
    lines.append(f"calibration error {told['calibration_error']:.4f}")
    lines += [f"  sure {b['from']:.1f}-{b['to']:.1f}  {b['n']:5d} texts  said {b['said']:.3f}  right {b['right']:.3f}"
              for b in told["calibration"]]  # fmt: skip
    lines += [f"  {true} taken for {said}: {n}" for true, said, n in told["confused"]]
    return "\n".join(lines)


def run_train(args: argparse.Namespace) -> int:
    """Train and install; 0 if the new model is in place, 2 if there is not enough to learn from."""
    setup()
    from dataclasses import replace

    from django.utils import timezone

    from tongxin.journeys import triage as journey
    from tongxin.triage import linear
    from tongxin.triage.classifier import model_path
    from tongxin.triage.training import TooFewRows, evaluate, figures, temperature_for, train

    if (args.file is None) != args.from_cases:
        return refused(args.json, "say FILE, or --from-cases")
    try:
        rows = journey.own_rows() if args.from_cases else rows_of(args.file)
        if args.with_corrections and not args.from_cases:
            more = journey.corrections({label for _, label in rows})
            say(f"{len(more)} corrections of staff join {len(rows)} rows")
            rows += more
        done = evaluate(rows, progress=Progress("folds"))
        model = train(rows, temperature=temperature_for(rows))
    except (OSError, ValueError, TooFewRows) as error:
        return refused(args.json, str(error))
    told = figures(done)
    size = linear.save(replace(model, about=told | {"trained_at": timezone.now().isoformat()}), model_path())
    result(
        told | {"file": str(model_path()), "bytes": size},
        args.json,
        _in_words(done) + f"\n{model_path()}: {size:,} bytes",
    )
    return 0


def run_corrections(args: argparse.Namespace) -> int:
    """Write the corrections; 0 if they were written."""
    setup()
    from tongxin.cases.queries.corrected import corrected

    n = 0
    with args.file.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for row in corrected():
            writer.writerow(row)
            n += 1
    say(f"{n} rows in {args.file}")
    return 0
