/**
 * Live events about one's offers. The cache updates the screens by itself (shared/client.ts); this component has the
 * subscription, and shows the latest event in one line.
 *
 * It queries the newest event first, and only then do the screens query their data. The subscription begins after that event, so
 * no event between the two is missed.
 */
import { type ReactNode, useEffect, useState } from "react";
import { useQuery, useSubscription } from "urql";
import { type BeginQuery, BeginDocument, MyOffersDocument, type MyOffersSubscription } from "../gen/graphql";
import { Problems } from "../shared/Problems";
import { useIsLost } from "./socket";

/** The person who is logged in. */
export type Viewer = NonNullable<BeginQuery["viewer"]>;

/** The error code for an event that is too old to resume from. */
const EXPIRED = "resume_expired";

interface Props {
  /** The connection was lost for longer than events are kept: start again. */
  onExpired: () => void;
  children: (viewer: Viewer, news: ReactNode) => ReactNode;
}

export function Live({ onExpired, children }: Props) {
  const [{ data, error }, retry] = useQuery({ query: BeginDocument, requestPolicy: "network-only" });
  const [told] = useSubscription({
    query: MyOffersDocument,
    variables: { after: data?.newestEvent ?? "" },
    pause: !data,
  });
  const isExpired = told.error?.graphQLErrors.some((error) => error.extensions.code === EXPIRED) ?? false;
  useEffect(() => {
    if (isExpired) onExpired();
  }, [isExpired, onExpired]);

  if (!data?.viewer) {
    return (
      <main>
        <Problems error={error} onRetry={retry} />
      </main>
    );
  }
  return children(
    data.viewer,
    <>
      <News event={told.data?.myOffers} me={data.viewer.id} />
      {!isExpired && <Problems error={told.error} onRetry={onExpired} />}
    </>,
  );
}

type Event = MyOffersSubscription["myOffers"];

function News({ event, me }: { event: Event | undefined; me: Viewer["id"] }) {
  const [dismissed, dismiss] = useState<Event["id"]>();
  const isLost = useIsLost();
  return (
    <div className="news" role="status">
      {isLost && <p>The connection is lost. It is tried again, and what you miss meanwhile comes then.</p>}
      {event && event.id !== dismissed && (
        <p>
          <a href="#offers">{describe(event, me)}</a>
          <button type="button" className="quiet" aria-label="Dismiss" onClick={() => { dismiss(event.id); }}>
            ×
          </button>
        </p>
      )}
    </div>
  );
}

function describe({ type, offer }: Event, me: Viewer["id"]): string {
  const isMine = offer.offerer.id === me;
  const [offerer, receiver] = isMine ? ["You", offer.receiver.name] : [offer.offerer.name, "you"];
  const decider = isMine ? receiver : "You";
  const theOffer = isMine ? "your offer" : `the offer of ${offerer}`;
  switch (type) {
    case "CREATED":
      return `${offerer} made ${receiver} an offer.`;
    case "UPDATED":
      return `${offerer} changed the offer to ${receiver}.`;
    case "ACCEPTED":
      return `${decider} accepted ${theOffer}.`;
    case "REJECTED":
      return `${decider} declined ${theOffer}.`;
    case "CANCELLED":
      return isMine ? `Your offer to ${receiver} is closed.` : `The offer of ${offerer} is closed.`;
  }
}
