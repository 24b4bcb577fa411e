"""Routes of those who look after the installation or audit its record, and of the public seals."""

from django.urls import path

from tongxin.web.system import accounts, record, seals, status

urlpatterns = [
    path("desk/settings/accounts/", accounts.accounts, name="accounts"),
    path("desk/settings/accounts/<uuid:person_id>/", accounts.account, name="account"),
    path("desk/settings/system/", status.status, name="system-status"),
    path("desk/record/", record.entries, name="record"),
    path("desk/record/readings/", record.readings, name="record-readings"),
    path("desk/record/entries/<uuid:entry_id>/", record.entry, name="record-entry"),
    path("seals/", seals.seals, name="seals"),
    path("seals/<str:day>/notice.pdf", seals.notice, name="seal-notice"),
]
