"""Routes of those who look after the installation, and of the public seals."""

from django.urls import path

from tongxin.web.system import accounts, seals, status

urlpatterns = [
    path("desk/settings/accounts/", accounts.accounts, name="accounts"),
    path("desk/settings/accounts/<uuid:person_id>/", accounts.account, name="account"),
    path("desk/settings/system/", status.status, name="system-status"),
    path("seals/", seals.seals, name="seals"),
]
