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
}

interface Stroke {
  colour: keyof Colours;
  widthPx: number;
  dash: readonly number[];
  alpha: number;
}

const STOP_PX = 3;
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
