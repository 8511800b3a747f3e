const NAME = "crossdock-board-facility";

/** The facility whose board was looked at last, by this browser. */
export function lastFacility(): string | null {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null;
  }
}

export function rememberFacility(id: string): void {
  try {
    localStorage.setItem(NAME, id);
  } catch {
    // The next visit chooses again.
  }
}
