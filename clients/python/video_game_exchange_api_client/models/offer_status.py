from enum import StrEnum


class OfferStatus(StrEnum):
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    PENDING = "pending"
    REJECTED = "rejected"

    def __str__(self) -> str:
        return str(self.value)
