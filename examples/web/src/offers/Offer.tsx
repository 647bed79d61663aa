/** An offer, with a button for each permitted action, and the reason for each other one. */
import { useClient, useMutation } from "urql";
import {
  AcceptOfferDocument,
  CancelOfferDocument,
  type ClosedReason,
  type GameCardFragment,
  OfferAgainDocument,
  type OfferCardFragment,
  RejectOfferDocument,
} from "../gen/graphql";
import { Problems } from "../shared/Problems";
import { CONDITIONS, STATUSES } from "../shared/words";

const REASONS: Record<ClosedReason, string> = {
  DECLINED: "The receiver said no.",
  GAME_UNAVAILABLE: "One of its games was traded away or deleted.",
  WITHDRAWN: "The offerer took it back.",
};

export function Offer({ offer, me }: { offer: OfferCardFragment; me: string | number | undefined }) {
  const isMine = offer.offerer.id === me;
  const [given, taken] = isMine
    ? [offer.offeredGames, offer.requestedGames]
    : [offer.requestedGames, offer.offeredGames];
  const address = isMine ? offer.receiverAddress : offer.offererAddress;
  return (
    <li className="card offer" data-status={offer.status}>
      <header>
        <h2>{isMine ? `To ${offer.receiver.name}` : `From ${offer.offerer.name}`}</h2>
        <span className="status">{STATUSES[offer.status]}</span>
      </header>
      <div className="sides">
        <Games title="You give" games={given} />
        <Games title="You get" games={taken} />
      </div>
      {offer.message && <blockquote>{offer.message}</blockquote>}
      {offer.closedReason && <p className="hint">{REASONS[offer.closedReason]}</p>}
      {address && <p className="lines">Send your part to: {address}</p>}
      <Actions offer={offer} />
      <p className="hint">
        <time dateTime={offer.createdAt}>{new Date(offer.createdAt).toLocaleString()}</time>
      </p>
    </li>
  );
}

function Games({ title, games }: { title: string; games: readonly GameCardFragment[] }) {
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {games.map((game) => (
          <li key={game.id}>
            {game.name}{" "}
            <small>
              {game.gamingSystem}, {CONDITIONS[game.condition].toLowerCase()}
            </small>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The buttons for the permitted actions, which the API lists in `viewerActions`; the rules are not repeated here. */
function Actions({ offer }: { offer: OfferCardFragment }) {
  const [accepted, accept] = useMutation(AcceptOfferDocument);
  const [rejected, reject] = useMutation(RejectOfferDocument);
  const [cancelled, cancel] = useMutation(CancelOfferDocument);
  const actions = [
    { action: "ACCEPT", word: "Accept", can: offer.viewerCan.accept, result: accepted, run: accept },
    { action: "REJECT", word: "Decline", can: offer.viewerCan.reject, result: rejected, run: reject },
    { action: "CANCEL", word: "Take back", can: offer.viewerCan.cancel, result: cancelled, run: cancel },
  ] as const;
  const client = useClient();

  async function act(run: (typeof actions)[number]["run"]) {
    // The answer is to the offer that was seen: if it or one of its games changed since, nothing is done.
    const { data } = await run({ input: { offerId: offer.id, ifMatch: offer.etag } });
    if (!data?.answer?.userErrors.length) return;
    await client.query(OfferAgainDocument, { id: offer.id }, { requestPolicy: "network-only" }).toPromise();
  }

  const refused = actions.filter(({ can }) => !can.allowed);
  return (
    <>
      {actions.map(({ action, result }) => (
        <Problems key={action} error={result.error} faults={result.data?.answer?.userErrors} />
      ))}
      <p className="actions">
        {actions.map(
          ({ action, word, result, run }) =>
            offer.viewerActions.includes(action) && (
              <button
                key={action}
                type="button"
                className={action === "ACCEPT" ? "" : "quiet"}
                disabled={result.fetching}
                onClick={() => void act(run)}
              >
                {word}
              </button>
            ),
        )}
      </p>
      {offer.status === "PENDING" && (
        <details>
          <summary>What I cannot do</summary>
          <dl>
            {refused.map(({ action, word, can }) => (
              <div key={action}>
                <dt>{word}</dt>
                <dd>{can.reason?.message}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}
