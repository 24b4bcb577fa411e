"""A trigger that keeps entries out of sealed days, without a query of the program.

On PostgreSQL it also holds a shared lock on the day until the transaction ends; sealing takes the exclusive one, so a
seal never misses an entry that was about to be committed. On SQLite there is one writer at a time.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

from tongxin.record.triggers import Guard, postgres_drop, sqlite_drop, sqlite_trigger

SEALED_DAY = "sealed-day"
_NAME = "record_entry_not_in_sealed_day"
_TABLE = "record_entry"
_LOCK = 0x70C1

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION tongxin_not_in_sealed_day() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_day date := (NEW.recorded_at AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared({_LOCK}, of_day - date '2000-01-01');
    IF EXISTS (SELECT 1 FROM record_seal WHERE day >= of_day) THEN
        RAISE EXCEPTION '{SEALED_DAY}: %', of_day USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""  # noqa: S608 (constants of this module)

GUARD = Guard(
    _TABLE,
    _NAME,
    {
        "sqlite": sqlite_trigger(
            _NAME,
            _TABLE,
            "INSERT",
            # Shanghai has been eight hours ahead of UTC all year round since 1992.
            "EXISTS (SELECT 1 FROM record_seal WHERE day >= date(NEW.recorded_at, '+8 hours'))",
            SEALED_DAY,
        ),
        "postgresql": (
            _FUNCTION,
            f'CREATE OR REPLACE TRIGGER "{_NAME}" BEFORE INSERT ON "{_TABLE}" '
            "FOR EACH ROW EXECUTE FUNCTION tongxin_not_in_sealed_day()",
        ),
    },
    {"sqlite": sqlite_drop(_NAME), "postgresql": postgres_drop(_NAME, _TABLE)},
)


def lock_day(connection: BaseDatabaseWrapper, days_since_2000: int) -> None:
    """Wait until no transaction is about to append to the day, and keep others out until this one ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, days_since_2000])
