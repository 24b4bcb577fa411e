"""`make bench`: what the pages cost, beside a bare Django view in the same run. See docs/performance.md."""
