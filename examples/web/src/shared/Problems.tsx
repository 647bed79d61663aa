/** The errors of a request, in the words of the API. */
import type { CombinedError } from "urql";
import type { FaultFragment } from "../gen/graphql";

interface Props {
  error?: CombinedError | undefined;
  /** The user errors of a mutation that belong to no field of the form. */
  faults?: readonly FaultFragment[] | undefined;
  onRetry?: () => void;
}

export function Problems({ error, faults = [], onRetry }: Props) {
  const messages = [...describe(error), ...faults.map((fault) => fault.message)];
  if (messages.length === 0) return null;
  return (
    <div className="problems" role="alert">
      {messages.map((message) => (
        <p key={message}>{message}</p>
      ))}
      {error && onRetry && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

function describe(error: CombinedError | undefined): string[] {
  if (!error) return [];
  if (error.graphQLErrors.length > 0) return error.graphQLErrors.map(({ message }) => message);
  return ["The exchange cannot be reached just now. Nothing is lost: try again in a moment."];
}
