"""Files by their links."""

from django.urls import path

from tongxin.web.files import views

urlpatterns = [path("f/<str:token>", views.file, name="file")]
