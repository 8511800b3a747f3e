import { Dialog } from "../ui/Dialog";

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["j / k", "next / previous exception, departure or driver"],
  ["Enter", "open the parcel of the exception, or the details"],
  ["o", "take ownership"],
  ["a", "acknowledge"],
  ["s", "snooze"],
  ["e", "escalate"],
  ["n", "note"],
  ["r", "resolve"],
  ["h", "board: hold a departure"],
  ["g", "board: let a held departure go"],
  ["x", "board: cancel a load"],
  ["w", "fleet: ask whether the driver can still take a load"],
  ["[ / ]", "fleet: the day before / after of the record"],
  ["Space, m, l", "plan: pick a stop, move what is picked, lock the route"],
  ["z", "undo, for ten seconds"],
  ["m", "show on the map"],
  ["t", "time travel: into the past and back; ← → go through it"],
  ["f", "filter the list"],
  ["Space", "pause a day that is played, or go on"],
  ["/ or Ctrl K", "find anything"],
  ["?", "these keys"],
];

export function KeysHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog label="Keys" open={open} onClose={onClose}>
      <h2>Keys</h2>
      <dl className="keys">
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </Dialog>
  );
}
