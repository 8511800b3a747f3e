import { useEffect, useRef } from "react";

export type Keys = Record<string, (event: KeyboardEvent) => void>;

/** Keys of a screen. They rest while somebody types or a dialog is open. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || movesSlider(event) || document.querySelector("dialog[open]")) return;
      const pressed = latest.current[event.key];
      // Enter and the space bar on a button or a link are that button's.
      if (!pressed || ((event.key === "Enter" || event.key === " ") && isControl(event.target))) return;
      event.preventDefault();
      pressed(event);
    }
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches("input:not([type=range]), textarea, select, [contenteditable]")
  );
}

function movesSlider({ target, key }: KeyboardEvent): boolean {
  const slider = target instanceof HTMLElement && target.matches("input[type=range]");
  return slider && /^(?:Arrow|Page|Home|End)/.test(key);
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("button, a[href], summary");
}
