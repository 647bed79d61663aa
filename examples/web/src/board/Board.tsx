/** The listed games, with search, filters and pages by cursor. */
import { type SubmitEvent, useState } from "react";
import { useQuery } from "urql";
import {
  BoardDocument,
  type BoardQueryVariables,
  type GameCardFragment,
  type GameCondition,
  type GameOrder,
  type GameOrderField,
} from "../gen/graphql";
import { Field, text } from "../shared/Field";
import { Game } from "../shared/Game";
import { Problems } from "../shared/Problems";
import { CONDITIONS } from "../shared/words";
import { MakeOffer } from "./MakeOffer";

const ORDERS: Record<GameOrderField, string> = {
  RELEVANCE: "Best match",
  CREATED_AT: "Newest first",
  ID: "Listed first",
  NAME: "Name",
  YEAR_PUBLISHED: "Year",
};
const PAGE = 12;

/** The order by a field, which is the newest first by time. */
const orderBy = (field: GameOrderField): GameOrder => ({ field, direction: field === "CREATED_AT" ? "DESCENDING" : "ASCENDING" });

type Search = Omit<BoardQueryVariables, "after">;

export function Board({ me }: { me: string | number | undefined }) {
  const [search, setSearch] = useState<Search>({ filter: {}, orderBy: orderBy("RELEVANCE"), first: PAGE });
  const [wanted, want] = useState<GameCardFragment>();

  function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const filter = {
      q: text(form, "q") || null,
      gamingSystem: text(form, "gamingSystem") || null,
      condition: (text(form, "condition") || null) as GameCondition | null,
      yearFrom: Number(text(form, "yearFrom")) || null,
      yearTo: Number(text(form, "yearTo")) || null,
      notOwnerId: me && form.has("others") ? me : null,
    };
    setSearch({ filter, orderBy: orderBy(text(form, "orderBy") as GameOrderField), first: PAGE });
  }

  return (
    <section>
      <h1>Board</h1>
      <form role="search" className="card search" onSubmit={submit}>
        <Field label="Name or publisher" name="q" type="search" />
        <Field label="System" name="gamingSystem" placeholder="all" />
        <div className="field">
          <label htmlFor="condition">Condition</label>
          <select id="condition" name="condition">
            <option value="">all</option>
            {Object.entries(CONDITIONS).map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        </div>
        <Field label="From year" name="yearFrom" type="number" min={1950} max={2100} />
        <Field label="To year" name="yearTo" type="number" min={1950} max={2100} />
        <div className="field">
          <label htmlFor="orderBy">Order</label>
          <select id="orderBy" name="orderBy">
            {Object.entries(ORDERS).map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        </div>
        {me && (
          <label className="choice">
            <input type="checkbox" name="others" /> Not mine
          </label>
        )}
        <button type="submit">Search</button>
      </form>
      <ul className="cards">
        <Page key={JSON.stringify(search)} search={search} me={me} onWant={want} />
      </ul>
      {wanted && <MakeOffer wanted={wanted} onClose={() => { want(undefined); }} />}
    </section>
  );
}

interface PageProps {
  search: Search;
  after?: string;
  me: string | number | undefined;
  onWant: (game: GameCardFragment) => void;
}

/** One page, followed by the next one on request. */
function Page({ search, after, me, onWant }: PageProps) {
  const [{ data, error, fetching }, retry] = useQuery({ query: BoardDocument, variables: { ...search, after: after ?? null } });
  const [isMoreShown, showMore] = useState(false);
  const next = data?.games.pageInfo.hasNextPage ? data.games.pageInfo.endCursor : null;
  return (
    <>
      {after === undefined && (
        <li className="count" aria-live="polite">
          {data ? `${String(data.games.totalCount)} games` : fetching && "…"}
          {data?.games.searchedFor && ` for “${data.games.searchedFor}”`}
        </li>
      )}
      {data?.games.nodes.map((game) => (
        <Game key={game.id} game={game}>
          <p className="about">{game.owner.id === me ? "Yours" : `Owned by ${game.owner.name}`}</p>
          {me && game.owner.id !== me && (
            <button type="button" onClick={() => { onWant(game); }} aria-label={`Make an offer for ${game.name}`}>
              Make an offer
            </button>
          )}
        </Game>
      ))}
      {error && (
        <li className="wide">
          <Problems error={error} onRetry={retry} />
        </li>
      )}
      {next && isMoreShown && <Page search={search} after={next} me={me} onWant={onWant} />}
      {next && !isMoreShown && (
        <li className="wide">
          <button type="button" className="quiet" onClick={() => { showMore(true); }}>
            More games
          </button>
        </li>
      )}
    </>
  );
}
