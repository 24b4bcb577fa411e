"""Routes of home visits: the visitor's phone, and the desk's pages on who is visited when."""

from django.urls import path

from tongxin.web.visits import desk, papers, phone

urlpatterns = [
    path("visits/", phone.mine, name="my-visits"),
    path("visits/made/<uuid:visit_id>/", phone.made, name="visit-made"),
    path("visits/made/<uuid:visit_id>/form.pdf", papers.report_form, name="visit-form"),
    path("visits/made/<uuid:visit_id>/sign/<str:number>/", phone.sign, name="visit-sign"),
    path("visits/<uuid:assignment_id>/", phone.visit, name="visit"),
    path("visits/<uuid:assignment_id>/phone/", phone.reveal, name="visit-phone"),
    path("desk/visits/", desk.figures, name="visits-desk"),
    path("desk/visits/export/", desk.export, name="visits-export"),
    path("desk/visits/plan/", desk.plan, name="visits-plan"),
    path("desk/visits/rhythm/", desk.rhythm, name="visits-rhythm"),
]
