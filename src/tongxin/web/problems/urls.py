"""Routes of the problems that programs are answered with."""

from django.urls import path

from tongxin.web.problems import views

urlpatterns = [
    path("problems/", views.problems, name="problems"),
    path("problems/<slug:code>/", views.problem, name="problem"),
]
