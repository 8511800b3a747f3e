import type { Colours } from "./colours";
import type { Position } from "./projection";
import { onScreen, type View } from "./view";

export interface Path {
  at: readonly Position[];
  /**
   * What was planned, what was seen, where nobody has seen it since, what is to come; and a route
   * that is one of many, or the one that is chosen.
   */
  kind: "planned" | "actual" | "silence" | "predicted" | "route" | "chosen";
  /** Names the line, and each of its positions that can be chosen. */
  id?: string;
  stops?: readonly (string | null)[];
  /** Positions that stand out, such as chosen stops. */
  marked?: ReadonlySet<string>;
}

interface Stroke {
  colour: keyof Colours;
  widthPx: number;
  dash: readonly number[];
  alpha: number;
}

const STOP_PX = 3;
const MARKED_PX = 6;
const NEAR_STOP_PX = 9;
const NEAR_LINE_PX = 5;
const STROKES: Record<Path["kind"], Stroke> = {
  planned: { colour: "faint", widthPx: 6, dash: [], alpha: 0.45 },
  actual: { colour: "accent", widthPx: 2.5, dash: [], alpha: 1 },
  silence: { colour: "medium", widthPx: 3.5, dash: [1, 7], alpha: 1 },
  predicted: { colour: "accent", widthPx: 2, dash: [7, 6], alpha: 1 },
  route: { colour: "faint", widthPx: 1.25, dash: [], alpha: 0.8 },
  chosen: { colour: "accent", widthPx: 2.5, dash: [], alpha: 1 },
};

export function drawPath(pen: CanvasRenderingContext2D, path: Path, view: View, colours: Colours): void {
  const { colour, widthPx, dash, alpha } = STROKES[path.kind];
  pen.beginPath();
  path.at.forEach((position, place) => {
    const [x, y] = onScreen(view, position);
    if (place === 0) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  });
  pen.lineWidth = widthPx;
  pen.lineJoin = "round";
  pen.lineCap = "round";
  pen.setLineDash([...dash]);
  pen.globalAlpha = alpha;
  pen.strokeStyle = colours[colour];
  pen.stroke();
  pen.globalAlpha = 1;
  pen.setLineDash([]);
  if (path.kind === "chosen") drawStops(pen, path, view);
  if (path.marked?.size) drawMarked(pen, path, view, colours);
}

/** The line or the position of a line at a place of the screen: a position where one is near. */
export function pathAt(
  paths: readonly Path[],
  view: View,
  x: number,
  y: number,
): { path: Path; stop: string | null } | null {
  let found: { path: Path; stop: string | null } | null = null;
  let [nearStop, nearLine] = [NEAR_STOP_PX, NEAR_LINE_PX];
  for (const path of paths) {
    if (path.id === undefined) continue;
    const at = path.at.map((position) => onScreen(view, position));
    at.forEach(([stopX, stopY], place) => {
      const stop = path.stops?.[place] ?? null;
      const apart = Math.hypot(stopX - x, stopY - y);
      if (stop !== null && apart < nearStop) {
        found = { path, stop };
        nearStop = apart;
      }
      const next = at[place + 1];
      if (nearStop < NEAR_STOP_PX || !next) return;
      const away = toSegment(x, y, [stopX, stopY], next);
      if (away < nearLine) {
        found = { path, stop: null };
        nearLine = away;
      }
    });
  }
  return found;
}

function toSegment(x: number, y: number, [fromX, fromY]: Position, [toX, toY]: Position): number {
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const length = alongX * alongX + alongY * alongY || 1;
  const part = Math.min(1, Math.max(0, ((x - fromX) * alongX + (y - fromY) * alongY) / length));
  return Math.hypot(fromX + part * alongX - x, fromY + part * alongY - y);
}

function drawMarked(pen: CanvasRenderingContext2D, path: Path, view: View, colours: Colours): void {
  path.at.forEach((position, place) => {
    const stop = path.stops?.[place];
    if (stop === undefined || stop === null || !path.marked?.has(stop)) return;
    const [x, y] = onScreen(view, position);
    pen.beginPath();
    pen.arc(x, y, MARKED_PX, 0, 2 * Math.PI);
    pen.fillStyle = colours.pane;
    pen.fill();
    pen.lineWidth = 3;
    pen.strokeStyle = colours.accent;
    pen.stroke();
  });
}

function drawStops(pen: CanvasRenderingContext2D, path: Path, view: View): void {
  pen.fillStyle = pen.strokeStyle;
  for (const position of path.at.slice(1, -1)) {
    const [x, y] = onScreen(view, position);
    pen.beginPath();
    pen.arc(x, y, STOP_PX, 0, 2 * Math.PI);
    pen.fill();
  }
}
