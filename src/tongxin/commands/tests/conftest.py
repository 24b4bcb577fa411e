"""The town of the tests of places, for commands that need one."""

from tongxin.places.tests.conftest import town as town
