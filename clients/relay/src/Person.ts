import { graphql } from "relay-runtime";

// The received offers of a person in pages: a fragment on an object with an id, which Relay refetches by "node".
export const offers = graphql`
    fragment Person_offers on User
    @refetchable(queryName: "PersonOffersQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 1 }, cursor: { type: "String" }) {
        name
        offersReceived(first: $count, after: $cursor) @connection(key: "Person_offersReceived") {
            totalCount
            edges {
                node {
                    ...Offer_terms
                }
            }
        }
    }
`;

export const query = graphql`
    query PersonQuery($by: UserBy!) {
        user(by: $by) {
            id
            games(first: 1) {
                edges {
                    node {
                        id
                        owner {
                            id
                        }
                    }
                }
            }
            ...Person_offers
        }
    }
`;

export const several = graphql`
    query PersonSeveralQuery($ids: [ID!]!) {
        nodes(ids: $ids) {
            __typename
            id
            ... on User {
                name
            }
            ... on Game {
                name
            }
        }
    }
`;
