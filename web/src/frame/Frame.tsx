import { type ReactNode, useEffect, useState } from "react";
import { remove } from "../api/client";
import type { Me } from "../api/schema";
import { session } from "../api/session";
import { hereNow, serverNow, useSeconds } from "../live/clock";
import { live } from "../live/live";
import { useStore } from "../live/store";
import { CommandDialog } from "../screens/acting/CommandDialog";
import { PastBar } from "../past/PastBar";
import { nextUnits, UNIT_NAMES, units } from "../shown/units";
import { clockTime, span, utc, zoneName } from "../shown/times";
import { Link } from "../ui/Link";
import { decoded } from "./address";
import { DayBar } from "./DayBar";
import { useKeys } from "./keys";
import { KeysHelp } from "./KeysHelp";
import { Palette } from "./Palette";
import { nextTheme, theme } from "./theme";
import { UndoOffer } from "./UndoOffer";

const SCREENS = [
  { to: "/tower", name: "Tower" },
  { to: "/board", name: "Board" },
  { to: "/plan", name: "Plan" },
  { to: "/parcel", name: "Parcels" },
  { to: "/fleet", name: "Fleet" },
  { to: "/report", name: "Report" },
] as const;

export async function signOut(): Promise<void> {
  try {
    await remove("/session");
  } finally {
    session.change({ known: true, me: null, ended: false });
  }
}

/** What is around every screen: where to go, how live it is, who is signed in. */
export function Frame({ me, path, children }: { me: Me; path: string; children: ReactNode }) {
  const [open, setOpen] = useState<"palette" | "keys" | null>(null);
  const chosenTheme = useStore(theme);
  const chosenUnits = useStore(units);
  const title = titleOf(path);
  useEffect(() => {
    document.title = `${title} · Crossdock`;
  }, [title]);
  useKeys({ "/": () => setOpen("palette"), "?": () => setOpen("keys") });

  return (
    <div className="frame">
      <header className="frame-top">
        <span className="brand">
          <span aria-hidden="true">◧</span> Crossdock
        </span>
        <nav aria-label="Screens">
          {SCREENS.map(({ to, name }) => (
            <Link key={to} to={to} current={path === to || path.startsWith(`${to}/`)}>
              {name}
            </Link>
          ))}
        </nav>
        <button type="button" className="find" onClick={() => setOpen("palette")}>
          Find <kbd>/</kbd>
        </button>
        <span className="grow" />
        <span className="wide">{me.tenant}</span>
        <Now />
        <LiveDot />
        <button
          type="button"
          className="quiet wide"
          onClick={nextUnits}
          title="Units: miles and pounds, or kilometers and kilograms"
        >
          {UNIT_NAMES[chosenUnits]}
        </button>
        <button type="button" className="quiet" onClick={nextTheme} title="Colours: system, light or dark">
          <span aria-hidden="true">◐</span> {chosenTheme}
        </button>
        <button type="button" className="quiet wide" onClick={() => setOpen("keys")} aria-label="Keys">
          ?
        </button>
        <details className="me">
          <summary>{me.name}</summary>
          <div className="me-open">
            <p>
              {me.role} of {me.tenant}
            </p>
            <button type="button" onClick={() => void signOut()}>
              Sign out
            </button>
          </div>
        </details>
      </header>
      <DayBar me={me} />
      <Connection />
      <PastBar />
      <main className="frame-main">
        <h1 className="hidden">{title}</h1>
        {children}
      </main>
      <UndoOffer />
      <CommandDialog />
      <Palette open={open === "palette"} onOpen={() => setOpen("palette")} onClose={() => setOpen(null)} />
      <KeysHelp open={open === "keys"} onClose={() => setOpen(null)} />
    </div>
  );
}

function titleOf(path: string): string {
  const parcel = /^\/parcel\/(.+)/.exec(path)?.[1];
  if (parcel !== undefined) return `Parcel ${decoded(parcel)}`;
  const facility = /^\/board\/(.+)/.exec(path)?.[1];
  if (facility !== undefined) return `Board ${decoded(facility)}`;
  return SCREENS.find(({ to }) => to === path || path.startsWith(`${to}/`))?.name ?? "Tower";
}

function Now() {
  useSeconds();
  const atMs = serverNow();
  return (
    <time className="now wide" title={utc(atMs)}>
      {clockTime(atMs, atMs)} {zoneName(atMs)}
    </time>
  );
}

const SAID = {
  connecting: { tone: "medium", mark: "▲", text: "connecting" },
  live: { tone: "done", mark: "●", text: "live" },
  lost: { tone: "high", mark: "◆", text: "catching up" },
  refused: { tone: "critical", mark: "●", text: "signed out" },
} as const;

/** Whether the stream lives, and how long ago anything was heard. */
function LiveDot() {
  const { link, heardAt } = useStore(live);
  useSeconds();
  const { tone, mark, text } = SAID[link];
  return (
    <span className={`mark ${tone} live-dot`} title="Time since anything was heard of the server">
      <span aria-hidden="true">{mark}</span> {text}
      {heardAt !== null && <span className="age">{span(hereNow() - heardAt)}</span>}
    </span>
  );
}

function Connection() {
  const { link, heardAt } = useStore(live);
  useSeconds();
  if (!navigator.onLine) {
    return (
      <p className="connection" role="status">
        <span aria-hidden="true">◆</span> This machine is offline. What you see is what was known
        {heardAt !== null && ` ${span(hereNow() - heardAt)} ago`}; it catches up by itself.
      </p>
    );
  }
  if (link !== "lost" || heardAt === null || hereNow() - heardAt < 5_000) return null;
  return (
    <p className="connection" role="status">
      <span aria-hidden="true">◆</span> The stream dropped {span(hereNow() - heardAt)} ago; it is tried
      again and then catches up. What you see is what was known then.
    </p>
  );
}
