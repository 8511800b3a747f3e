import { useState } from "react";

/** A number that this browser keeps. */
export function useRemembered(name: string, usual: number): [number, (value: number) => void] {
  const [value, setValue] = useState(() => {
    try {
      return Number(localStorage.getItem(name)) || usual;
    } catch {
      return usual;
    }
  });
  return [
    value,
    (changed) => {
      setValue(changed);
      try {
        localStorage.setItem(name, String(changed));
      } catch {
        // It holds until the page is left.
      }
    },
  ];
}
