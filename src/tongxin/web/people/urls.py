"""Routes of the register, of organisations, of what waits at the door, and of the resident's own pages about it."""

from django.urls import path

from tongxin.web.people import bodies, door, homes, mine, offices, register, taken

urlpatterns = [
    path("desk/people/", register.people, name="people"),
    path("desk/people/export/", taken.people, name="people-export"),
    path("desk/people/new/", register.add, name="person-new"),
    path("desk/people/homes/<uuid:home_id>/", homes.home, name="people-home"),
    path("desk/people/homes/<uuid:home_id>/owner/", homes.owner, name="home-owner"),
    path("desk/people/residences/<uuid:residence_id>/end/", homes.move_out, name="residence-end"),
    path("desk/people/households/<uuid:household_id>/end/", homes.end_household, name="household-end"),
    path("desk/people/households/<uuid:household_id>/traits/", homes.traits, name="household-traits"),
    path("desk/people/tenancies/<uuid:tenancy_id>/end/", homes.end_tenancy, name="tenancy-end"),
    path("desk/people/<uuid:person_id>/", register.person, name="person"),
    path("desk/people/<uuid:person_id>/edit/", register.edit, name="person-edit"),
    path("desk/people/<uuid:person_id>/reveal/", register.reveal, name="person-reveal"),
    path("desk/people/<uuid:person_id>/home/", homes.tie, name="person-home"),
    path("desk/organisations/", bodies.bodies, name="organisations"),
    path("desk/organisations/export/", taken.organisations, name="organisations-export"),
    path("desk/organisations/new/", bodies.add, name="organisation-new"),
    path("desk/organisations/<uuid:organisation_id>/", bodies.body, name="organisation"),
    path("desk/organisations/<uuid:organisation_id>/edit/", bodies.edit, name="organisation-edit"),
    path("desk/organisations/<uuid:organisation_id>/end/", bodies.end, name="organisation-end"),
    path("desk/organisations/<uuid:organisation_id>/tree/", bodies.tree, name="organisation-tree"),
    path("desk/organisations/<uuid:organisation_id>/units/", bodies.join, name="committee-join"),
    path(
        "desk/organisations/<uuid:organisation_id>/units/<uuid:membership_id>/end/",
        bodies.leave,
        name="committee-leave",
    ),
    path("desk/organisations/<uuid:organisation_id>/services/", bodies.serve, name="service-start"),
    path(
        "desk/organisations/<uuid:organisation_id>/services/<uuid:service_id>/end/",
        bodies.end_service,
        name="service-end",
    ),
    path("desk/organisations/<uuid:organisation_id>/appoint/", offices.appoint, name="appoint"),
    path("desk/organisations/offices/<uuid:appointment_id>/", offices.office, name="office"),
    path("desk/report-ins/", door.report_ins, name="report-ins"),
    path("desk/report-ins/<uuid:row_id>/", door.receive, name="report-in-receive"),
    path("desk/verify/", door.queue, name="verify-queue"),
    path("desk/verify/<uuid:request_id>/", door.door, name="verify-door"),
    path("me/home/", mine.home, name="verify-home"),
    path("me/family/", mine.family, name="my-family"),
    path("me/family/<uuid:request_id>/", mine.family_code, name="my-family-code"),
    path("me/family/links/<uuid:link_id>/end/", mine.family_end, name="my-family-end"),
    path("me/report-in/", mine.reporting_in, name="my-report-in"),
]
