/**
 * The connection on which the exchange tells what happens: graphql-transport-ws, by the library graphql-ws. It is opened with the
 * access token, comes back by itself whenever it is lost, with a new token where the old one ended, and goes on behind the last
 * event that came: nothing is missed, and nothing comes twice.
 */
import { type Client, createClient } from "graphql-ws";
import { useSyncExternalStore } from "react";
import type { SubscriptionForwarder } from "urql";
import { session } from "../account/session";

/** With this code the exchange closes a connection when it does not know any more who is asking. */
const FORBIDDEN = 4403;
/** With this code the page itself closes it, when nobody listens any more. */
const NORMAL = 1000;
/** How often it is asked whether the exchange is still there, in milliseconds. */
const PING = 15_000;
/** How long that may take to answer, in milliseconds. */
const PATIENCE = 5_000;
/** The longest wait between two attempts to connect, in milliseconds. */
const LONGEST_WAIT = 8_000;

let isLost = false;
const listeners = new Set<() => void>();

function lose(value: boolean): void {
  isLost = value;
  for (const listener of listeners) listener();
}

/** Is the connection lost, for now? */
export function useIsLost(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isLost,
  );
}

/** Where urql takes what comes. */
type Sink = Parameters<ReturnType<SubscriptionForwarder>["subscribe"]>[0];

export function openSocket(): Client {
  const url = new URL("/graphql", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  let silence: ReturnType<typeof setTimeout> | undefined;
  const socket = createClient({
    url: url.href,
    connectionParams: async () => {
      await session.renewIfEnding();
      return { authorization: `Bearer ${session.accessToken ?? ""}` };
    },
    retryAttempts: Infinity,
    shouldRetry: () => session.isOpen,
    retryWait: (retries) => {
      const wait = Math.min(250 * 2 ** retries, LONGEST_WAIT) * (0.75 + Math.random() / 2);
      return new Promise((done) => setTimeout(done, wait));
    },
    keepAlive: PING,
    on: {
      connected: () => { lose(false); },
      // A network that is gone closes nothing: what does not answer is given up.
      ping: (isReceived) => {
        if (!isReceived) silence = setTimeout(() => { socket.terminate(); }, PATIENCE);
      },
      pong: () => { clearTimeout(silence); },
      closed: (event) => {
        clearTimeout(silence);
        const { code } = event as CloseEvent;
        if (code === FORBIDDEN) session.distrust();
        lose(code !== NORMAL && code !== FORBIDDEN);
      },
    },
  });
  return socket;
}

/** Gives urql's subscriptions to the socket. */
export function forwardTo(socket: Client): SubscriptionForwarder {
  return ({ query = "", variables }) => ({
    subscribe: (sink) => ({ unsubscribe: follow(socket, query, { ...variables }, sink) }),
  });
}

/** Begins a subscription. The socket begins it again when it was lost: with these variables, so behind the last event. */
function follow(socket: Client, query: string, variables: Record<string, unknown>, sink: Sink): () => void {
  return socket.subscribe<Record<string, { id?: unknown } | null>, Record<string, unknown>>(
    { query, variables },
    {
      next: (result) => {
        const [event] = Object.values(result.data ?? {});
        if (event?.id) variables.after = event.id;
        sink.next(result);
      },
      error: (failure) => { sink.error(failure); },
      complete: () => { sink.complete(); },
    },
  );
}
