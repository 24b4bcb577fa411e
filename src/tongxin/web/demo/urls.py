"""Routes of the demo; outside of one they answer 404."""

from django.urls import path

from tongxin.web.demo import views

urlpatterns = [
    path("demo/", views.demo, name="demo"),
    path("demo/components/", views.components, name="demo-components"),
    path("demo/enter/", views.enter, name="demo-enter"),
]
