/**
 * The connection for live events: graphql-transport-ws, with the library graphql-ws. It is opened with the access token,
 * reconnects whenever it is lost, with a new token if the old one expired, and resumes after the last event: nothing is
 * missed, and nothing arrives twice.
 */
import { type Client, createClient } from "graphql-ws";
import { useSyncExternalStore } from "react";
import type { SubscriptionForwarder } from "urql";
import { session } from "../account/session";

/** The exchange closes a connection with this code when its session ended. */
const FORBIDDEN = 4403;
/** The page itself closes the connection with this code, when nothing subscribes any more. */
const NORMAL = 1000;
/** Milliseconds between two pings. */
const PING = 15_000;
/** The time-out of a pong, in milliseconds. */
const PATIENCE = 5_000;
/** The maximum back-off between two attempts to connect, in milliseconds. */
const LONGEST_WAIT = 8_000;

let isLost = false;
const listeners = new Set<() => void>();

function lose(value: boolean): void {
  isLost = value;
  for (const listener of listeners) listener();
}

/** Whether the connection is currently lost. */
export function useIsLost(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isLost,
  );
}

/** The observer through which urql receives events. */
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
      // A lost network does not close the connection, so it is given up without a pong.
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

/** Forwards urql's subscriptions to the socket. */
export function forwardTo(socket: Client): SubscriptionForwarder {
  return ({ query = "", variables }) => ({
    subscribe: (sink) => ({ unsubscribe: follow(socket, query, { ...variables }, sink) }),
  });
}

/** Starts a subscription. After a lost connection the socket restarts it with these variables, so after the last event. */
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
