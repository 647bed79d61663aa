/** The received and the sent offers, the newest first. */
import { useState } from "react";
import { type TypedDocumentNode, useQuery } from "urql";
import {
  type OffersReceivedQuery,
  type OffersReceivedQueryVariables,
  OffersReceivedDocument,
  OffersSentDocument,
} from "../gen/graphql";
import { Problems } from "../shared/Problems";
import { Offer } from "./Offer";

const PAGE = 10;

/** Either query: they differ only in the list. */
type List = TypedDocumentNode<OffersReceivedQuery, OffersReceivedQueryVariables>;

export function Offers({ me }: { me: string | number | undefined }) {
  return (
    <section className="columns">
      <Column title="Received" list={OffersReceivedDocument} none="Nobody has made you an offer yet." me={me} />
      <Column title="Made" list={OffersSentDocument} none="Find a game that you want on the board." me={me} />
    </section>
  );
}

interface ColumnProps {
  title: string;
  list: List;
  none: string;
  me: string | number | undefined;
}

function Column({ title, ...page }: ColumnProps) {
  return (
    <section aria-labelledby={title}>
      <h1 id={title}>{title}</h1>
      <ul className="offers">
        <Page {...page} />
      </ul>
    </section>
  );
}

/** The end of the list, and earlier pages on request: the API lists the oldest first. */
function Page({ list, none, me, before }: Omit<ColumnProps, "title"> & { before?: string }) {
  const [{ data, error }, retry] = useQuery({ query: list, variables: { last: PAGE, before: before ?? null } });
  const [isMoreShown, showMore] = useState(false);
  const offers = data?.viewer?.offers;
  const previous = offers?.pageInfo.hasPreviousPage ? offers.pageInfo.startCursor : null;
  return (
    <>
      {offers?.totalCount === 0 && <li className="hint">{none}</li>}
      {offers?.nodes.toReversed().map((offer) => (
        <Offer key={offer.id} offer={offer} me={me} />
      ))}
      {error && (
        <li>
          <Problems error={error} onRetry={retry} />
        </li>
      )}
      {previous && isMoreShown && <Page list={list} none={none} me={me} before={previous} />}
      {previous && !isMoreShown && (
        <li>
          <button type="button" className="quiet" onClick={() => { showMore(true); }}>
            Earlier offers
          </button>
        </li>
      )}
    </>
  );
}
