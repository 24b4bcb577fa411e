"""Routes of tokens for programs."""

from django.urls import path

from tongxin.web.tokens import views

urlpatterns = [
    path("me/tokens/", views.tokens, name="me-tokens"),
    path("me/tokens/<uuid:token_id>/revoke/", views.revoke, name="me-token-revoke"),
]
