/** The frame: the person, the current screen, and the latest event. */
import { type ReactNode, useMemo, useState, useSyncExternalStore } from "react";
import { Provider } from "urql";
import { LogIn } from "./account/LogIn";
import { session, useSession } from "./account/session";
import { Board } from "./board/Board";
import { MyGames } from "./games/MyGames";
import { Live, type Viewer } from "./live/Live";
import { Offers } from "./offers/Offers";
import { createClient } from "./shared/client";

const SCREENS = { "#board": "Board", "#offers": "Offers", "#games": "My games" };
type Screen = keyof typeof SCREENS | "#account";

/** Starts with an empty cache for each person, and after missed events that cannot be resumed. */
export function App() {
  const number = useSession();
  const [round, setRound] = useState(0);
  return <Client key={`${String(number)}.${String(round)}`} onExpired={() => { setRound(round + 1); }} />;
}

function Client({ onExpired }: { onExpired: () => void }) {
  const client = useMemo(() => createClient(), []);
  return (
    <Provider value={client}>
      {session.isOpen ? (
        <Live onExpired={onExpired}>{(viewer, news) => <Frame viewer={viewer} news={news} />}</Live>
      ) : (
        <Frame />
      )}
    </Provider>
  );
}

function Frame({ viewer, news }: { viewer?: Viewer; news?: ReactNode }) {
  const screen = useScreen();
  const current = (hash: string) => (hash === screen ? "page" : undefined);
  return (
    <>
      <header className="top">
        <a className="brand" href="#board">
          Video Game Exchange
        </a>
        <nav aria-label="Screens">
          {Object.entries(SCREENS).map(
            ([hash, title]) =>
              (viewer ?? hash === "#board") && (
                <a key={hash} href={hash} aria-current={current(hash)}>
                  {title}
                </a>
              ),
          )}
        </nav>
        <div className="who">
          {viewer ? (
            <>
              <span>{viewer.name}</span>
              <button type="button" className="quiet" onClick={() => { session.end(); }}>
                Log out
              </button>
            </>
          ) : (
            <a href="#account" aria-current={current("#account")}>
              Log in
            </a>
          )}
        </div>
      </header>
      {news}
      <main>
        <Shown screen={screen} viewer={viewer} />
      </main>
    </>
  );
}

function Shown({ screen, viewer }: { screen: Screen; viewer: Viewer | undefined }) {
  if (screen === "#board") return <Board me={viewer?.id} />;
  if (!viewer) return <LogIn />;
  return screen === "#games" ? <MyGames /> : <Offers me={viewer.id} />;
}

/** The screen named by the URL, so that links and the browser's own buttons work. */
function useScreen(): Screen {
  const hash = useSyncExternalStore(
    (changed) => {
      addEventListener("hashchange", changed);
      return () => { removeEventListener("hashchange", changed); };
    },
    () => location.hash,
  );
  return hash in SCREENS || hash === "#account" ? (hash as Screen) : "#board";
}
