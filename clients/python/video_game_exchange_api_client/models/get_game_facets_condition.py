from enum import StrEnum


class GetGameFacetsCondition(StrEnum):
    FAIR = "fair"
    GOOD = "good"
    MINT = "mint"
    POOR = "poor"

    def __str__(self) -> str:
        return str(self.value)
