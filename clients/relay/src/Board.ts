import { graphql } from "relay-runtime";

// The list of games in pages: a fragment on the query, for which Relay generates the query of the next page.
export const games = graphql`
    fragment Board_games on Query
    @refetchable(queryName: "BoardPageQuery")
    @argumentDefinitions(
        count: { type: "Int", defaultValue: 3 }
        cursor: { type: "String" }
        filter: { type: "GameFilter" }
    ) {
        games(first: $count, after: $cursor, filter: $filter, orderBy: { field: NAME })
            @connection(key: "Board_games", filters: ["filter"]) {
            totalCount
            edges {
                node {
                    ...Board_game
                }
            }
        }
    }
`;

export const game = graphql`
    fragment Board_game on Game {
        id
        databaseId
        name
        condition
        etag
        owner {
            id
            name
        }
    }
`;

export const query = graphql`
    query BoardQuery($filter: GameFilter) {
        ...Board_games @arguments(filter: $filter)
    }
`;
