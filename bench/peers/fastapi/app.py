"""The stack of the two earlier systems at its best: FastAPI, async SQLAlchemy 2 on asyncpg, orjson, and Strawberry with
data loaders. It has no rules and no identity.
"""

import os
from collections.abc import Sequence
from typing import Any, TypeVar

import orjson
import strawberry
from fastapi import FastAPI, HTTPException, Response
from sqlalchemy import BigInteger, MetaData, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from strawberry.dataloader import DataLoader
from strawberry.fastapi import GraphQLRouter

PAGE = 20

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://"), pool_size=10, max_overflow=0
)
Session = async_sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    metadata = MetaData(schema="peers")


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]


class Game(Base):
    __tablename__ = "games"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    publisher: Mapped[str]
    year_published: Mapped[int]
    gaming_system: Mapped[str]
    condition: Mapped[str]
    previous_owners: Mapped[int]


class Offer(Base):
    __tablename__ = "offers"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    offered_game_id: Mapped[int] = mapped_column(BigInteger)
    requested_game_id: Mapped[int] = mapped_column(BigInteger)
    offerer_id: Mapped[int] = mapped_column(BigInteger)
    receiver_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]


Row = TypeVar("Row", User, Game, Offer)


def reply(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")


def show_game(game: Game) -> dict[str, Any]:
    return {
        "id": game.id,
        "name": game.name,
        "publisher": game.publisher,
        "year_published": game.year_published,
        "gaming_system": game.gaming_system,
        "condition": game.condition,
        "previous_owners": game.previous_owners,
        "owner_id": game.owner_id,
        "_links": {
            "self": {"href": f"/games/{game.id}"},
            "owner": {"href": f"/users/{game.owner_id}"},
            "collection": {"href": "/games"},
        },
    }


def show_offer(offer: Offer) -> dict[str, Any]:
    path = f"/trade-offers/{offer.id}"
    return {
        "id": offer.id,
        "offered_game_id": offer.offered_game_id,
        "requested_game_id": offer.requested_game_id,
        "offerer_id": offer.offerer_id,
        "receiver_id": offer.receiver_id,
        "status": offer.status,
        "_links": {
            "self": {"href": path},
            **{action: {"href": f"{path}/{action}"} for action in ("accept", "reject", "cancel")},
        },
    }


app = FastAPI()


@app.get("/games/{game_id}")
async def get_game(game_id: int) -> Response:
    async with Session() as session:
        game = await session.get(Game, game_id)
    if game is None:
        raise HTTPException(404)
    return reply(show_game(game))


@app.get("/games")
async def get_games(after: int = 0, gaming_system: str | None = None, q: str | None = None) -> Response:
    query = select(Game).where(Game.id > after)
    if gaming_system is not None:
        query = query.where(Game.gaming_system == gaming_system)
    if q is not None:
        query = query.where(or_(Game.name.ilike(f"%{q}%"), Game.publisher.ilike(f"%{q}%")))
    async with Session() as session:
        games = await session.scalars(query.order_by(Game.id).limit(PAGE))
    return reply({"items": [show_game(game) for game in games]})


@app.get("/trade-offers")
async def get_offers(after: int = 0) -> Response:
    """A page of offers, each with its games and people."""
    async with Session() as session:
        query = select(Offer).where(Offer.id > after).order_by(Offer.id).limit(PAGE)
        offers = (await session.scalars(query)).all()
        keys = [key for offer in offers for key in (offer.offered_game_id, offer.requested_game_id)]
        games = await by_id(session, Game, keys)
        keys = [key for offer in offers for key in (offer.offerer_id, offer.receiver_id)]
        people = await by_id(session, User, keys)
    items = [
        show_offer(offer)
        | {
            "offered_game": show_game(games[offer.offered_game_id]),
            "requested_game": show_game(games[offer.requested_game_id]),
            "offerer": {"id": offer.offerer_id, "name": people[offer.offerer_id].name},
            "receiver": {"id": offer.receiver_id, "name": people[offer.receiver_id].name},
        }
        for offer in offers
    ]
    return reply({"items": items})


@app.post("/trade-offers")
async def create_offer(body: dict[str, int]) -> Response:
    async with Session() as session, session.begin():
        offered = await session.get_one(Game, body["offered_game_id"])
        requested = await session.get_one(Game, body["requested_game_id"])
        values = {
            "offered_game_id": offered.id,
            "requested_game_id": requested.id,
            "offerer_id": offered.owner_id,
            "receiver_id": requested.owner_id,
            "status": "pending",
        }
        offer = (await session.scalars(insert(Offer).returning(Offer).values(values))).one()
    return reply(show_offer(offer), 201)


async def by_id(session: AsyncSession, model: type[Row], keys: Sequence[int]) -> dict[int, Row]:
    return {row.id: row for row in await session.scalars(select(model).where(model.id.in_(set(keys))))}


def loader(model: type[Row]) -> DataLoader[int, Row]:
    async def load(keys: list[int]) -> list[Row]:
        async with Session() as session:
            rows = await by_id(session, model, keys)
        return [rows[key] for key in keys]

    return DataLoader(load)


@strawberry.type(name="User")
class UserType:
    id: int
    name: str


@strawberry.type(name="Game")
class GameType:
    row: strawberry.Private[Game]

    @strawberry.field
    def name(self) -> str:
        return self.row.name

    @strawberry.field
    async def owner(self, info: strawberry.Info) -> UserType:
        user = await info.context["users"].load(self.row.owner_id)
        return UserType(id=user.id, name=user.name)


@strawberry.type(name="Offer")
class OfferType:
    row: strawberry.Private[Offer]

    @strawberry.field
    def id(self) -> int:
        return self.row.id

    @strawberry.field
    def status(self) -> str:
        return self.row.status

    @strawberry.field
    async def offered_game(self, info: strawberry.Info) -> GameType:
        return GameType(row=await info.context["games"].load(self.row.offered_game_id))

    @strawberry.field
    async def requested_game(self, info: strawberry.Info) -> GameType:
        return GameType(row=await info.context["games"].load(self.row.requested_game_id))


@strawberry.type
class Query:
    @strawberry.field
    async def offers(self, first: int = PAGE, after: int = 0) -> list[OfferType]:
        async with Session() as session:
            query = select(Offer).where(Offer.id > after).order_by(Offer.id).limit(first)
            offers = (await session.scalars(query)).all()
        return [OfferType(row=offer) for offer in offers]


async def context() -> dict[str, DataLoader[int, Any]]:
    """Loaders of one request."""
    return {"users": loader(User), "games": loader(Game)}


app.include_router(GraphQLRouter(strawberry.Schema(Query), context_getter=context), prefix="/graphql")
