import type { Position } from "./projection";

/** Where the plane of the map lies on the screen: `screen = plane * k + (x, y)`, in CSS pixels. */
export interface View {
  k: number;
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

const LEAST_K = 0.1;
const MOST_K = 200;

/** The view in which all of `positions` are seen. */
export function fitted(positions: readonly Position[], size: Size, marginPx = 40): View {
  const xs = positions.map(([x]) => x);
  const ys = positions.map(([, y]) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const k = Math.min(
    (size.width - 2 * marginPx) / Math.max(right - left, 1),
    (size.height - 2 * marginPx) / Math.max(bottom - top, 1),
  );
  return centred([(left + right) / 2, (top + bottom) / 2], held(k), size);
}

export function centred([x, y]: Position, k: number, size: Size): View {
  return { k, x: size.width / 2 - x * k, y: size.height / 2 - y * k };
}

export function centreOf(view: View, size: Size): Position {
  return [(size.width / 2 - view.x) / view.k, (size.height / 2 - view.y) / view.k];
}

/** Closer or farther, with what lies at a place of the screen staying there. */
export function zoomed(view: View, factor: number, [atX, atY]: Position): View {
  const k = held(view.k * factor);
  const grown = k / view.k;
  return { k, x: atX - (atX - view.x) * grown, y: atY - (atY - view.y) * grown };
}

export function moved(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x + dx, y: view.y + dy };
}

export function onScreen(view: View, [x, y]: Position): Position {
  return [x * view.k + view.x, y * view.k + view.y];
}

function held(k: number): number {
  return Math.min(MOST_K, Math.max(LEAST_K, k));
}
