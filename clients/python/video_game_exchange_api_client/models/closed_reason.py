from enum import StrEnum


class ClosedReason(StrEnum):
    DECLINED = "declined"
    GAME_UNAVAILABLE = "game_unavailable"
    WITHDRAWN = "withdrawn"

    def __str__(self) -> str:
        return str(self.value)
