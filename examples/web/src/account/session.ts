/**
 * Who is logged in: an access token, which is good for a quarter of an hour, and a refresh token, which buys the next one,
 * once. They live in this tab's sessionStorage: a reload keeps them, and closing the tab forgets them.
 */
import { useSyncExternalStore } from "react";

interface Tokens {
  access: string;
  refresh: string;
  /** When the access token ends, in milliseconds of this machine's clock. */
  endsAt: number;
}

/** The next access token is asked for so long before the present one ends, in milliseconds. */
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

  /** Logs out, here at once, and at the exchange as soon as it hears of it. */
  end(): void {
    const tokens = this.#tokens;
    if (!tokens) return;
    this.#forget();
    void post("/auth/logout", tokens).catch(() => undefined);
  }

  /** The exchange takes the access token no more, whatever the clock says. */
  distrust(): void {
    if (this.#tokens) this.#tokens.endsAt = 0;
  }

  /** Asks for the next access token if the present one is ending. Whoever comes meanwhile waits for the same answer. */
  async renewIfEnding(): Promise<void> {
    if (!this.isEnding) return;
    this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
    await this.#renewal;
  }

  /** Leaves everything as it is where the exchange cannot be reached: the next request tries again. */
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

/** A number that changes when somebody logs in or out. */
export function useSession(): number {
  return useSyncExternalStore(session.subscribe, session.number);
}
