from enum import StrEnum


class GetGamesSort(StrEnum):
    ID = "id"
    NAME = "name"
    RELEVANCE = "relevance"
    VALUE_1 = "-id"
    VALUE_3 = "-name"
    VALUE_5 = "-year_published"
    VALUE_7 = "-relevance"
    YEAR_PUBLISHED = "year_published"

    def __str__(self) -> str:
        return str(self.value)
