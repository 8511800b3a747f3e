/** The rows of a long list that are in view, and a few beyond. */
export function rowsInView(
  scrolledPx: number,
  heightPx: number,
  rowPx: number,
  rows: number,
): { first: number; end: number } {
  const first = Math.max(0, Math.floor(scrolledPx / rowPx) - BEYOND);
  const end = Math.min(rows, Math.ceil((scrolledPx + heightPx) / rowPx) + BEYOND);
  return { first: Math.min(first, end), end };
}

const BEYOND = 6;
