"""Tables of the case. See ../README.md for its life cycle."""

from tongxin.cases.models.case import LINEAGE, Case, Party, Update
from tongxin.cases.models.desk import AnswerTemplate, CallBack, CodeTry, SavedFilter
from tongxin.cases.models.figures import CaseCounter, SearchText, Tally, TallyDelta
from tongxin.cases.models.settlement import Acceptance, Settlement
from tongxin.cases.models.setup import AreaPractice, Category, ClockRule, Route, RouteTurn
from tongxin.cases.models.work import Assignment, CaseClock, Petition, TaskLink

__all__ = [
    "LINEAGE",
    "Acceptance",
    "AnswerTemplate",
    "AreaPractice",
    "Assignment",
    "CallBack",
    "Case",
    "CaseClock",
    "CaseCounter",
    "Category",
    "ClockRule",
    "CodeTry",
    "Party",
    "Petition",
    "Route",
    "RouteTurn",
    "SavedFilter",
    "SearchText",
    "Settlement",
    "Tally",
    "TallyDelta",
    "TaskLink",
    "Update",
]
