/** A form to offer one's own games for those of one other person. */
import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { useMutation, useQuery } from "urql";
import { BothSidesDocument, type GameCardFragment, MakeOfferDocument } from "../gen/graphql";
import { Lines, others, text } from "../shared/Field";
import { Problems } from "../shared/Problems";
import { CONDITIONS } from "../shared/words";

interface Props {
  wanted: GameCardFragment;
  onClose: () => void;
}

export function MakeOffer({ wanted, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => { dialog.current?.showModal(); }, []);
  const [{ data, error }, retry] = useQuery({
    query: BothSidesDocument,
    variables: { owner: wanted.owner.id },
    requestPolicy: "cache-and-network",
  });
  const [made, makeOffer] = useMutation(MakeOfferDocument);
  // The same key for each attempt: a write whose response was lost is not executed twice.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const faults = made.data?.createOffer?.userErrors;

  async function submit(event: SubmitEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      offeredGameIds: form.getAll("offeredGameIds").map(String),
      requestedGameIds: form.getAll("requestedGameIds").map(String),
      message: text(form, "message") || null,
      idempotencyKey,
    };
    const { data } = await makeOffer({ input });
    if (data?.createOffer?.offer) onClose();
  }

  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="make-offer">
      <form onSubmit={submit}>
        <h2 id="make-offer">An offer to {wanted.owner.name}</h2>
        <Problems error={error} onRetry={retry} />
        <Problems error={made.error} faults={others(faults, "message")} />
        <div className="sides">
          <Side title="You give" name="offeredGameIds" games={data?.viewer?.games.nodes} none="You list no games yet." />
          <Side title="You get" name="requestedGameIds" games={data?.user?.games.nodes} chosen={wanted.id} />
        </div>
        <Lines label="Message" name="message" hint={`Only ${wanted.owner.name} reads it.`} faults={faults} />
        <p className="actions">
          <button type="submit" disabled={made.fetching || !data}>
            Send the offer
          </button>
          <button type="button" className="quiet" onClick={onClose}>
            Close
          </button>
        </p>
      </form>
    </dialog>
  );
}

interface SideProps {
  title: string;
  name: string;
  games: readonly GameCardFragment[] | undefined;
  chosen?: string | number;
  none?: string;
}

function Side({ title, name, games, chosen, none }: SideProps) {
  return (
    <fieldset>
      <legend>{title}</legend>
      {games?.length === 0 && <p className="hint">{none}</p>}
      {games?.map((game) => (
        <label key={game.id} className="choice">
          <input type="checkbox" name={name} value={game.id} defaultChecked={game.id === chosen} />
          <span>
            {game.name}{" "}
            <small>
              {game.gamingSystem}, {CONDITIONS[game.condition].toLowerCase()}
            </small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
