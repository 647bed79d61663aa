/** Labels for the API's enumerations. */
import type { GameCondition, OfferStatus } from "../gen/graphql";

export const CONDITIONS: Record<GameCondition, string> = { MINT: "Mint", GOOD: "Good", FAIR: "Fair", POOR: "Poor" };

export const STATUSES: Record<OfferStatus, string> = {
  PENDING: "Pending",
  ACCEPTED: "Accepted",
  REJECTED: "Declined",
  CANCELLED: "Cancelled",
};
