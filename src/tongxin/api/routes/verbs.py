"""One route per verb, made of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from ninja import Path, Router, Schema

from tongxin.api import calls, document
from tongxin.api.bodies import Body
from tongxin.api.schemas.base import NUMBER
from tongxin.api.schemas.cases import HandedToWorker, case_state
from tongxin.api.verbs import TAGGED, Call, VerbRow, state_after
from tongxin.cases.queries.numbers import case_id, current_state

router = Router()


def _view(row: VerbRow) -> Callable[..., HttpResponse]:
    def view(request: Any, number: str = Path(..., pattern=NUMBER)) -> HttpResponse:
        def act(data: Any, body: Body) -> Schema:
            case = case_id(number)
            done = row.act(Call(request.actor, case, request.now, data, body.files))
            if isinstance(done, str):
                return HandedToWorker(**case_state(current_state(case)), link=done)
            return state_after(done)

        return calls.write(request, row.schema, act, files=row.files)

    return view


for _tag, _rows in TAGGED:
    for _row in _rows:
        document.add(
            router, "POST", f"/cases/{{number}}/{_row.name}", _view(_row), _row.name, _row.summary, _tag, _row.answer,
            takes=_row.schema, files=_row.files,
        )  # fmt: skip
