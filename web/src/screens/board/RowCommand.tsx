import { useState } from "react";
import type { Departure } from "../../api/schema";
import { serverNow } from "../../live/clock";
import { Time } from "../../ui/Time";
import { CommandForm } from "../acting/CommandForm";
import { useCommand } from "../acting/useCommand";
import { commandOf, type Deed, holdChoices } from "./board";

interface Props {
  row: Departure;
  deed: Deed;
  zone: string;
  onDone: () => void;
  onClose: () => void;
}

const ASKS: Record<Deed, string> = { hold: "Hold", go: "Release", cancel: "Cancel the load" };

/** In the row: what a command would come to, before it is done. */
export function RowCommand({ row, deed, zone, onDone, onClose }: Props) {
  const choices = holdChoices(row);
  const [minutes, setMinutes] = useState(row.advice.hold_min || (choices[0] ?? 15));
  const [asked, setAsked] = useState(() => commandOf(row, deed, minutes, serverNow()));
  const commanding = useCommand(asked, onDone);

  function choose(chosen: number): void {
    setMinutes(chosen);
    setAsked(commandOf(row, deed, chosen, serverNow()));
  }
  const verb = (
    <>
      {ASKS[deed]}
      {asked.until && (
        <>
          {deed === "hold" ? " until " : ", leaves "}
          <Time at={asked.until} zone={zone} withZone />
        </>
      )}
    </>
  );
  return (
    <CommandForm label={`${ASKS[deed]} ${row.load_id}`} verb={verb} commanding={commanding} brief onClose={onClose}>
      {deed === "hold" && (
        <fieldset>
          <legend>Hold longer by</legend>
          {choices.map((each) => (
            <label key={each} className="chip">
              <input type="radio" name="minutes" checked={each === minutes} onChange={() => choose(each)} />
              +{each} min{each === row.advice.hold_min ? ", advised" : ""}
            </label>
          ))}
        </fieldset>
      )}
    </CommandForm>
  );
}
