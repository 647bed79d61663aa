from enum import StrEnum


class GetTradeOffersStatus(StrEnum):
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    PENDING = "pending"
    REJECTED = "rejected"

    def __str__(self) -> str:
        return str(self.value)
