from enum import StrEnum


class GetGamesSort(StrEnum):
    CREATED_AT = "created_at"
    ID = "id"
    NAME = "name"
    RELEVANCE = "relevance"
    VALUE_1 = "-id"
    VALUE_3 = "-created_at"
    VALUE_5 = "-name"
    VALUE_7 = "-year_published"
    VALUE_9 = "-relevance"
    YEAR_PUBLISHED = "year_published"

    def __str__(self) -> str:
        return str(self.value)
