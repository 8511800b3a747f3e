import { type KeyboardEvent, useEffect, useEffectEvent, useState } from "react";
import { get, inPath } from "../api/client";
import type { DriverPage, DriverRow, ExceptionItem, Facilities, Facility, Parcel, ParcelPage } from "../api/schema";
import { useStore } from "../live/store";
import { mayDispatch, session } from "../api/session";
import { draftOf, titleOf } from "../screens/acting/drafts";
import { begin } from "../screens/acting/open";
import { askedAt, pastNow } from "../past/past";
import { copyLink } from "../shown/link";
import { nextUnits } from "../shown/units";
import { queue } from "../screens/tower/queue";
import { severityOf, words } from "../shown/words";
import { Dialog } from "../ui/Dialog";
import { go } from "./address";
import { signOut } from "./Frame";
import { nextTheme } from "./theme";

interface Props {
  open: boolean;
  onOpen: () => void;
  onClose: () => void;
}

interface Choice {
  id: string;
  group: string;
  name: string;
  more: string;
  /** What it comes to, where the palette waits: a text that is to be said, else it is done. */
  choose: () => unknown;
  waits?: boolean;
}

const MOST = 8;
const WAITS_MS = 120;

/** Finds parcels, exceptions and screens, and runs commands. */
export function Palette({ open, onOpen, onClose }: Props) {
  useEffect(() => {
    function press(event: globalThis.KeyboardEvent): void {
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        onOpen();
      }
    }
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [onOpen]);
  return (
    <Dialog label="Find" open={open} onClose={onClose}>
      <Finder onClose={onClose} />
    </Dialog>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const { rows } = useStore(queue);
  const [text, setText] = useState("");
  const [place, setPlace] = useState(0);
  const { parcels, failed, pending } = useParcels(text.trim());
  const drivers = useDrivers(text.trim());
  const [hurried, setHurried] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const facilities = useFacilities();
  const choices = [
    ...dayChoices(text),
    ...parcels.map(parcelChoice),
    ...facilityChoices(facilities, text),
    ...drivers.map(driverChoice),
    ...exceptionChoices(rows, text),
    ...commands(text),
  ];
  const at = Math.min(place, Math.max(0, choices.length - 1));

  function take(choice: Choice | undefined): void {
    if (!choice) return;
    if (!choice.waits) {
      onClose();
      choice.choose();
      return;
    }
    void Promise.resolve(choice.choose()).then((answer) => {
      if (typeof answer === "string") setSaid(answer);
      else onClose();
    });
  }
  // Enter before the parcels are there means the first of what comes.
  const wanted = useEffectEvent(() => take(choices[at]));
  useEffect(() => {
    if (hurried && !pending) wanted();
  }, [hurried, pending]);
  function press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setPlace((at + step + choices.length) % Math.max(1, choices.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (pending && place === 0) setHurried(true);
      else take(choices[at]);
    }
  }
  return (
    <div className="finder">
      <input
        // eslint-disable-next-line jsx-a11y/no-autofocus -- it was opened to type into it
        autoFocus
        type="search"
        role="combobox"
        aria-expanded
        aria-controls="found"
        aria-activedescendant={choices.length ? `found-${at}` : undefined}
        aria-label="Find a parcel, a facility, a driver, an exception or a command"
        placeholder="Parcel, order, facility, driver, exception, screen, command"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setPlace(0);
          setHurried(false);
          setSaid(null);
        }}
        onKeyDown={press}
      />
      <div id="found" role="listbox" aria-label="Found" className="found">
        {choices.map((choice, index) => (
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- Enter in the field does it
          <div
            key={choice.id}
            id={`found-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className="choice"
            onClick={() => take(choice)}
          >
            <span className="faint choice-group">{choice.group}</span>
            <span>{choice.name}</span>
            <span className="faint">{choice.more}</span>
          </div>
        ))}
      </div>
      <p className="finder-said" role="status">
        {said}
      </p>
      {choices.length === 0 && <p className="faint">Nothing is called so.</p>}
      {failed && <p className="faint">Parcels cannot be looked up now.</p>}
    </div>
  );
}

interface Looked {
  parcels: readonly Parcel[];
  failed: boolean;
  pending: boolean;
}

function useParcels(text: string): Looked {
  const [found, setFound] = useState<{ text: string; parcels: readonly Parcel[]; failed: boolean }>({
    text: "",
    parcels: [],
    failed: false,
  });
  useEffect(() => {
    if (text.length < 2) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<ParcelPage>(askedAt(`/v1/parcels?limit=${MOST}&q=${encodeURIComponent(text)}`, pastNow()), stop.signal).then(
        ({ items }) => setFound({ text, parcels: items, failed: false }),
        () => {
          if (!stop.signal.aborted) setFound({ text, parcels: [], failed: true });
        },
      );
    }, WAITS_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  if (text.length < 2) return { parcels: [], failed: false, pending: false };
  const pending = found.text !== text;
  return text.startsWith(found.text) ? { ...found, pending } : { parcels: [], failed: false, pending };
}

const NO_DRIVERS: readonly DriverRow[] = [];

/** Drivers come when they come: nobody waits for them to choose something else. */
function useDrivers(text: string): readonly DriverRow[] {
  const [found, setFound] = useState<{ text: string; drivers: readonly DriverRow[] }>({ text: "", drivers: [] });
  useEffect(() => {
    if (text.length < 2) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<DriverPage>(askedAt(`/v1/drivers?limit=${MOST}&q=${encodeURIComponent(text)}`, pastNow()), stop.signal).then(
        ({ items }) => setFound({ text, drivers: items }),
        () => undefined,
      );
    }, WAITS_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  return text.length >= 2 && text === found.text ? found.drivers : NO_DRIVERS;
}

function driverChoice({ driver_id: id, standing, facility_id: home }: DriverRow): Choice {
  return {
    id: `driver ${id}`,
    group: "Driver",
    name: id,
    more: [words(standing), home].filter(Boolean).join(" · "),
    choose: () => go(`/fleet?driver=${encodeURIComponent(id)}`),
  };
}

function parcelChoice({ parcel_id: id, status, order_id: order }: Parcel): Choice {
  return {
    id: `parcel ${id}`,
    group: "Parcel",
    name: id,
    more: order && order !== id ? `${words(status)} · order ${order}` : words(status),
    choose: () => go(`/parcel/${inPath(id)}`),
  };
}

/** Whether who looks may act, and looks at what is now. */
function mayCommand(): boolean {
  return mayDispatch(session.now().me) && pastNow() === null;
}

/** A change of the day that was said in full, such as "hold L-12". */
function dayChoices(text: string): Choice[] {
  const draft = mayCommand() ? draftOf(text) : null;
  if (!draft) return [];
  const more = "see first what it would do";
  return [{ id: "day", group: "Command", name: `${titleOf(draft)}…`, more, choose: () => begin(draft) }];
}

/** Asked for once the palette is open; without them the rest is found all the same. */
function useFacilities(): readonly Facility[] {
  const [found, setFound] = useState<readonly Facility[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    get<Facilities>("/v1/facilities", stop.signal).then(
      ({ items }) => setFound(items),
      () => undefined,
    );
    return () => stop.abort();
  }, []);
  return found;
}

function facilityChoices(facilities: readonly Facility[], text: string): Choice[] {
  const asked = text.trim().toLowerCase();
  if (!asked) return [];
  return facilities
    .filter(({ facility_id: id, name }) => `${id} ${name ?? ""}`.toLowerCase().includes(asked))
    .slice(0, MOST)
    .map(({ facility_id: id, name }) => ({
      id: `facility ${id}`,
      group: "Board",
      name: id,
      more: name ?? "",
      choose: () => go(`/board/${inPath(id)}`),
    }));
}

function exceptionChoices(rows: ReadonlyMap<string, ExceptionItem>, text: string): Choice[] {
  const asked = text.trim().toLowerCase();
  if (!asked) return [];
  const found: Choice[] = [];
  for (const row of rows.values()) {
    const name = `${words(row.kind)} ${row.subject ?? ""}`.trim();
    if (!name.toLowerCase().includes(asked)) continue;
    found.push({
      id: `exception ${row.id}`,
      group: "Exception",
      name,
      more: `${severityOf(row.severity).name} · ${row.state}`,
      choose: () => go(`/tower?id=${encodeURIComponent(row.id)}`),
    });
    if (found.length === MOST) break;
  }
  return found;
}

const ADD_LOAD = "Add a load…";
const COPY_LINK = "Copy link";

async function copyOrSay(): Promise<string | null> {
  return (await copyLink()) ? null : "The clipboard refused: copy the link from the address bar.";
}

function commands(text: string): Choice[] {
  const asked = text.trim().toLowerCase();
  const all: Choice[] = [
    ["Screen", "Tower", "what is wrong, and where", () => go("/tower")],
    ["Screen", "Board", "departures of a facility, hold or go", () => go("/board")],
    ["Screen", "Plan", "lanes, routes, release", () => go("/plan")],
    ["Screen", "Parcels", "look one up", () => go("/parcel")],
    ["Screen", "Fleet", "drivers by hours left", () => go("/fleet")],
    ["Screen", "Report", "what happened to a plan", () => go("/report")],
    ["List", "Mine", "exceptions that you own", () => go("/tower?show=mine")],
    ["List", "Untouched", "exceptions that nobody took", () => go("/tower?show=untouched")],
    ["List", "Snoozed", "exceptions that wait", () => go("/tower?show=snoozed")],
    ["Command", ADD_LOAD, "add load A→B", () => begin({ command: "add_load", from: "", to: "" })],
    ["Command", COPY_LINK, "to what is shown", copyOrSay],
    ["Command", "Change units", "miles and pounds, kilometers and kilograms", nextUnits],
    ["Command", "Change colours", "system, light, dark", nextTheme],
    ["Command", "Sign out", "", () => void signOut()],
  ].map(([group, name, more, choose]) => {
    const waits = name === COPY_LINK;
    return { id: `${String(group)} ${String(name)}`, group, name, more, choose, waits } as Choice;
  });
  return all.filter(
    ({ name, more }) =>
      `${name} ${more}`.toLowerCase().includes(asked) && (name !== ADD_LOAD || mayCommand()),
  );
}
