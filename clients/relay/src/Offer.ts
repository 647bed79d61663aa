import { graphql } from "relay-runtime";

export const terms = graphql`
    fragment Offer_terms on Offer @refetchable(queryName: "OfferTermsQuery") {
        id
        status
        etag
        viewerActions
        viewerCan {
            accept {
                allowed
                reason {
                    code
                    message
                }
            }
        }
        offeredGames {
            ...Board_game
        }
        requestedGames {
            ...Board_game
        }
    }
`;

export const create = graphql`
    mutation OfferCreateMutation($input: CreateOfferInput!) {
        createOffer(input: $input) {
            offer {
                id
                ...Offer_terms
            }
            userErrors {
                field
                code
                message
            }
        }
    }
`;

// The response contains the changed objects, so that every screen that shows them is up to date at once.
export const accept = graphql`
    mutation OfferAcceptMutation($input: AcceptOfferInput!) {
        acceptOffer(input: $input) {
            offer {
                ...Offer_terms
            }
            games {
                ...Board_game
            }
            closedOffers {
                edges {
                    node {
                        id
                        status
                    }
                }
            }
            userErrors {
                code
                message
                changed {
                    what
                }
            }
        }
    }
`;
