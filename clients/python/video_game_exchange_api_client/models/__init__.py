"""Contains all the data models used in inputs/outputs"""

from .changed_part import ChangedPart
from .closed_reason import ClosedReason
from .condition import Condition
from .condition_facet import ConditionFacet
from .decade_facet import DecadeFacet
from .email_confirmation import EmailConfirmation
from .embedded_games import EmbeddedGames
from .embedded_offers import EmbeddedOffers
from .embedded_problem_types import EmbeddedProblemTypes
from .embedded_systems import EmbeddedSystems
from .embedded_titles import EmbeddedTitles
from .embedded_users import EmbeddedUsers
from .field_problem import FieldProblem
from .game import Game
from .game_collection import GameCollection
from .game_create import GameCreate
from .game_facets import GameFacets
from .game_templates import GameTemplates
from .game_update import GameUpdate
from .get_game_facets_condition import GetGameFacetsCondition
from .get_games_condition import GetGamesCondition
from .get_games_sort import GetGamesSort
from .get_offers_status import GetOffersStatus
from .get_trade_offers_status import GetTradeOffersStatus
from .health import Health
from .instance import Instance
from .link import Link
from .links import Links
from .login import Login
from .named_game import NamedGame
from .named_user import NamedUser
from .notice import Notice
from .offer import Offer
from .offer_collection import OfferCollection
from .offer_create import OfferCreate
from .offer_embedded import OfferEmbedded
from .offer_event import OfferEvent
from .offer_status import OfferStatus
from .offer_templates import OfferTemplates
from .offer_update import OfferUpdate
from .password_reset import PasswordReset
from .password_reset_request import PasswordResetRequest
from .password_update import PasswordUpdate
from .problem import Problem
from .problem_templates import ProblemTemplates
from .problem_type import ProblemType
from .problem_type_collection import ProblemTypeCollection
from .refresh_token import RefreshToken
from .root import Root
from .root_embedded import RootEmbedded
from .root_templates import RootTemplates
from .session import Session
from .session_templates import SessionTemplates
from .system import System
from .system_collection import SystemCollection
from .system_facet import SystemFacet
from .template import Template
from .template_options import TemplateOptions
from .template_options_link import TemplateOptionsLink
from .template_property import TemplateProperty
from .title import Title
from .title_collection import TitleCollection
from .user import User
from .user_collection import UserCollection
from .user_create import UserCreate
from .user_templates import UserTemplates
from .user_update import UserUpdate

__all__ = (
    "ChangedPart",
    "ClosedReason",
    "Condition",
    "ConditionFacet",
    "DecadeFacet",
    "EmailConfirmation",
    "EmbeddedGames",
    "EmbeddedOffers",
    "EmbeddedProblemTypes",
    "EmbeddedSystems",
    "EmbeddedTitles",
    "EmbeddedUsers",
    "FieldProblem",
    "Game",
    "GameCollection",
    "GameCreate",
    "GameFacets",
    "GameTemplates",
    "GameUpdate",
    "GetGameFacetsCondition",
    "GetGamesCondition",
    "GetGamesSort",
    "GetOffersStatus",
    "GetTradeOffersStatus",
    "Health",
    "Instance",
    "Link",
    "Links",
    "Login",
    "NamedGame",
    "NamedUser",
    "Notice",
    "Offer",
    "OfferCollection",
    "OfferCreate",
    "OfferEmbedded",
    "OfferEvent",
    "OfferStatus",
    "OfferTemplates",
    "OfferUpdate",
    "PasswordReset",
    "PasswordResetRequest",
    "PasswordUpdate",
    "Problem",
    "ProblemTemplates",
    "ProblemType",
    "ProblemTypeCollection",
    "RefreshToken",
    "Root",
    "RootEmbedded",
    "RootTemplates",
    "Session",
    "SessionTemplates",
    "System",
    "SystemCollection",
    "SystemFacet",
    "Template",
    "TemplateOptions",
    "TemplateOptionsLink",
    "TemplateProperty",
    "Title",
    "TitleCollection",
    "User",
    "UserCollection",
    "UserCreate",
    "UserTemplates",
    "UserUpdate",
)
