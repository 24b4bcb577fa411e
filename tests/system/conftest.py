from tests.system.town import town

__all__ = ["town"]
