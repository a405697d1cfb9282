"""What load there is."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Scenario:
    """One load: so many targets with so many series each, scraped at an interval in seconds."""

    name: str
    targets: int
    series: int
    interval: float
    duration: float  # Seconds that are measured.
    churn_percent_per_minute: float = 0.0
    strict: bool = False  # Any loss makes the run fail.
    outage: bool = False  # The receiver is away for the whole duration.

    @property
    def series_total(self) -> int:
        return self.targets * self.series


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("typical", targets=1_000, series=1_000, interval=15, duration=60),
        Scenario("many", targets=10_000, series=50, interval=15, duration=60),
        Scenario("churn", targets=1_000, series=1_000, interval=15, duration=60, churn_percent_per_minute=10),
        Scenario("giants", targets=10, series=100_000, interval=15, duration=60),
        Scenario("outage", targets=1_000, series=1_000, interval=15, duration=600, outage=True),
        Scenario("smoke", targets=100, series=100, interval=2, duration=15, strict=True),
    )
}
