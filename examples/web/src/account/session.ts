/**
 * The session: an access token, which is valid for 15 minutes, and a refresh token, which can be exchanged once for the next.
 * They are kept in this tab's sessionStorage: they survive a reload, and closing the tab deletes them.
 */
import { useSyncExternalStore } from "react";

interface Tokens {
  access: string;
  refresh: string;
  /** The expiry of the access token, in milliseconds of this machine's clock. */
  endsAt: number;
}

/** Milliseconds before the expiry at which the next access token is requested. */
const AHEAD = 60_000;
const STORED = "exchange.session";

class Session {
  #tokens = restore();
  #number = 0;
  #renewal: Promise<void> | undefined;
  readonly #listeners = new Set<() => void>();

  get accessToken(): string | undefined {
    return this.#tokens?.access;
  }

  get isOpen(): boolean {
    return this.#tokens !== undefined;
  }

  get isEnding(): boolean {
    return this.#tokens !== undefined && this.#tokens.endsAt - AHEAD < Date.now();
  }

  begin(access: string, refresh: string, expiresIn: number): void {
    this.#keep(access, refresh, expiresIn);
    this.#tell();
  }

  /** Logs out, here at once, and at the exchange as soon as it is reachable. */
  end(): void {
    const tokens = this.#tokens;
    if (!tokens) return;
    this.#forget();
    void post("/auth/logout", tokens).catch(() => undefined);
  }

  /** Marks the access token as rejected by the exchange, whatever the clock says. */
  distrust(): void {
    if (this.#tokens) this.#tokens.endsAt = 0;
  }

  /** Requests the next access token if the current one expires soon. Concurrent callers share the response. */
  async renewIfEnding(): Promise<void> {
    if (!this.isEnding) return;
    this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
    await this.#renewal;
  }

  /** Changes nothing if the exchange cannot be reached: the next request tries again. */
  async #renew(): Promise<void> {
    const tokens = this.#tokens;
    if (!tokens) return;
    const answer = await post("/auth/refresh", tokens).catch(() => undefined);
    if (tokens !== this.#tokens) return;
    if (answer?.status === 401) this.#forget();
    if (!answer?.ok) return;
    const next = (await answer.json()) as { access_token: string; refresh_token: string; expires_in: number };
    this.#keep(next.access_token, next.refresh_token, next.expires_in);
  }

  #keep(access: string, refresh: string, expiresIn: number): void {
    this.#tokens = { access, refresh, endsAt: Date.now() + expiresIn * 1000 };
    sessionStorage.setItem(STORED, JSON.stringify(this.#tokens));
  }

  #forget(): void {
    this.#tokens = undefined;
    sessionStorage.removeItem(STORED);
    this.#tell();
  }

  #tell(): void {
    this.#number += 1;
    for (const listener of this.#listeners) listener();
  }

  /** Counts log-ins and log-outs. */
  readonly number = (): number => this.#number;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

function restore(): Tokens | undefined {
  const stored = sessionStorage.getItem(STORED);
  return stored ? (JSON.parse(stored) as Tokens) : undefined;
}

function post(path: string, tokens: Tokens): Promise<Response> {
  return fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: tokens.refresh }),
  });
}

export const session = new Session();

/** A number that changes with each log-in and log-out. */
export function useSession(): number {
  return useSyncExternalStore(session.subscribe, session.number);
}
