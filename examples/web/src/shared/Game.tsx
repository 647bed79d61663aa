/** A game as a card in a list. */
import type { ReactNode } from "react";
import type { GameCardFragment } from "../gen/graphql";
import { CONDITIONS } from "./words";

export function Game({ game, children }: { game: GameCardFragment; children?: ReactNode }) {
  return (
    <li className="card game">
      <h3>{game.name}</h3>
      <p className="about">
        {game.publisher}, {game.yearPublished}
      </p>
      <p className="tags">
        <span>{game.gamingSystem}</span>
        <span>{CONDITIONS[game.condition]}</span>
        {game.previousOwners > 0 && (
          <span>
            {game.previousOwners} previous owner{game.previousOwners > 1 && "s"}
          </span>
        )}
      </p>
      {children}
    </li>
  );
}
