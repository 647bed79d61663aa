/** The person's own games, and a form to list another. */
import { type SubmitEvent, useState } from "react";
import { useMutation, useQuery } from "urql";
import { type GameCondition, ListGameDocument, MyGamesDocument } from "../gen/graphql";
import { Field, others, text } from "../shared/Field";
import { Game } from "../shared/Game";
import { Problems } from "../shared/Problems";
import { CONDITIONS } from "../shared/words";

const PAGE = 12;

export function MyGames() {
  return (
    <section>
      <h1>My games</h1>
      <ListGame />
      <ul className="cards">
        <Page />
      </ul>
    </section>
  );
}

function Page({ after }: { after?: string }) {
  const [{ data, error }, retry] = useQuery({ query: MyGamesDocument, variables: { first: PAGE, after: after ?? null } });
  const [isMoreShown, showMore] = useState(false);
  const games = data?.viewer?.games;
  const next = games?.pageInfo.hasNextPage ? games.pageInfo.endCursor : null;
  return (
    <>
      {after === undefined && games && <li className="count">{games.totalCount} games</li>}
      {games?.nodes.map((game) => (
        <Game key={game.id} game={game} />
      ))}
      {error && (
        <li className="wide">
          <Problems error={error} onRetry={retry} />
        </li>
      )}
      {next && isMoreShown && <Page after={next} />}
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

function ListGame() {
  const [listed, listGame] = useMutation(ListGameDocument);
  const faults = listed.data?.createGame?.userErrors;

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const target = event.currentTarget;
    const form = new FormData(target);
    const input = {
      name: text(form, "name"),
      publisher: text(form, "publisher"),
      yearPublished: Number(text(form, "yearPublished")),
      gamingSystem: text(form, "gamingSystem"),
      condition: text(form, "condition") as GameCondition,
    };
    const { data } = await listGame({ input });
    if (data?.createGame?.game) target.reset();
  }

  return (
    <details className="card">
      <summary>List a game</summary>
      <form className="search" onSubmit={submit}>
        <Problems
          error={listed.error}
          faults={others(faults, "name", "publisher", "yearPublished", "gamingSystem")}
        />
        <Field label="Name" name="name" required faults={faults} />
        <Field label="Publisher" name="publisher" required faults={faults} />
        <Field label="Year" name="yearPublished" type="number" required faults={faults} />
        <Field label="System" name="gamingSystem" required faults={faults} />
        <div className="field">
          <label htmlFor="new-condition">Condition</label>
          <select id="new-condition" name="condition">
            {Object.entries(CONDITIONS).map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        </div>
        <button type="submit" disabled={listed.fetching}>
          List it
        </button>
      </form>
    </details>
  );
}
