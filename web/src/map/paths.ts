import type { Colours } from "./colours";
import type { Position } from "./projection";
import { onScreen, type View } from "./view";

export interface Path {
  at: readonly Position[];
  /** What was planned, what was seen, where nobody has seen it since, what is to come. */
  kind: "planned" | "actual" | "silence" | "predicted";
}

interface Stroke {
  colour: keyof Colours;
  widthPx: number;
  dash: readonly number[];
  alpha: number;
}

const STROKES: Record<Path["kind"], Stroke> = {
  planned: { colour: "faint", widthPx: 6, dash: [], alpha: 0.45 },
  actual: { colour: "accent", widthPx: 2.5, dash: [], alpha: 1 },
  silence: { colour: "medium", widthPx: 3.5, dash: [1, 7], alpha: 1 },
  predicted: { colour: "accent", widthPx: 2, dash: [7, 6], alpha: 1 },
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
}
