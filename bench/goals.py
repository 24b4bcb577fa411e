"""What is wanted."""

GOALS = {
    "filtered list of a community": 0.15,
    "detail with 20 updates": 0.15,
    "search, rare word": 0.10,
    "submit with a 200 kB photo": 0.30,
}
"""Least share of the bare view's throughput, on PostgreSQL with 100,000 cases."""
STEADY = ("filtered list of a community", "search, rare word")
STEADY_TIMES = 1.5
"""p95 at a million cases over that at ten thousand, on PostgreSQL."""
WEIGHT = 120_000
"""Bytes of the first load of a resident's page, all included, compressed."""
RATE, SHARES = 50, {"read": 0.7, "transition": 0.2, "photo": 0.1}
"""Mixed requests a second that SQLite on two cores carries."""
