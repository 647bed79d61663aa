from enum import StrEnum


class GetOffersStatus(StrEnum):
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    PENDING = "pending"
    REJECTED = "rejected"

    def __str__(self) -> str:
        return str(self.value)
