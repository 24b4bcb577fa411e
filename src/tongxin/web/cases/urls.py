"""Routes of the resident's and the handler's phone."""

from django.urls import path

from tongxin.web.cases import detail, helping, home, mine, papers, public, report, settling, slip, work

urlpatterns = [
    path("", home.home, name="home"),
    path("report/", report.report, name="report"),
    path("report/sent/<str:number>/", report.sent, name="report-sent"),
    path("report/for/", helping.for_somebody, name="report-for"),
    path("report/join/<uuid:case_id>/", report.join, name="report-join"),
    path("report/places.json", report.places_below, name="report-places"),
    path("report/kinds.json", report.kinds, name="report-kinds"),
    path("report/here.json", report.place_here, name="report-here"),
    path("cases/", mine.mine, name="my-cases"),
    path("cases/<str:number>/", detail.detail, name="case"),
    path("cases/<str:number>/answer/", detail.answer, name="case-answer"),
    path("cases/<str:number>/not-solved/", detail.not_solved, name="case-not-solved"),
    path("cases/<str:number>/word/", helping.word, name="case-word"),
    path("cases/<str:number>/settlement/", settling.settlement, name="case-settlement"),
    path("cases/<str:number>/do/<str:deed>/", detail.do, name="case-do"),
    path("cases/<str:number>/word/sheet.pdf", papers.word_sheet, name="case-word-sheet"),
    path("slip/<str:number>/", detail.slip, name="slip"),
    path("slip/<str:number>/slip.pdf", papers.slip, name="slip-pdf"),
    path("progress/", slip.progress, name="progress"),
    path("progress/case/", slip.progress_case, name="progress-case"),
    path("progress/prove/", slip.prove, name="progress-prove"),
    path("progress/word/", slip.word, name="progress-word"),
    path("public/", public.public, name="public"),
    path("public/map.json", public.map_data, name="public-map"),
    path("public/<str:number>/", public.public_detail, name="public-case"),
    path("public/<str:number>/reopen/", public.reopen, name="public-reopen"),
    path("work/", work.work_list, name="work"),
    path("work/<str:number>/", work.task, name="task"),
    path("work/<str:number>/sheet.pdf", papers.dispatch_sheet, name="task-sheet"),
    path("work/<str:number>/do/<str:deed>/", work.do, name="task-do"),
    path("t/<str:token>", work.link, name="task-link"),
]
