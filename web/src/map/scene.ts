import type { Chart, ExceptionItem } from "../api/schema";
import { severityOf } from "../shown/words";
import type { Basemap } from "./basemap";
import type { Colours } from "./colours";
import { type Position, project } from "./projection";
import { onScreen, type Size, type View } from "./view";

export interface Place {
  id: string;
  name: string;
  roles: readonly string[];
  queue: number;
  exceptions: number;
  timezone: string;
  at: Position;
  /** What is said of it instead of what waits there. */
  said?: string;
}

export interface Lane {
  from: Position;
  to: Position;
  parcels: number;
  rolling: number;
  fill: number | null;
  /** Of a lane that can be chosen, with what is said of it. */
  id?: string;
  said?: string;
  chosen?: boolean;
}

export interface Scene {
  places: readonly Place[];
  lanes: readonly Lane[];
  mostQueue: number;
  mostParcels: number;
}

/** What stands still on the map, projected once an answer. */
export function sceneOf(chart: Chart): Scene {
  const places: Place[] = [];
  for (const each of chart.facilities) {
    if (each.latitude === null || each.longitude === null) continue;
    const at = project(each.longitude, each.latitude);
    if (!at) continue;
    const { facility_id: id, roles, queue, exceptions, timezone } = each;
    places.push({ id, name: each.name ?? id, roles, queue, exceptions, timezone, at });
  }
  const known = new Map(places.map((place) => [place.id, place.at]));
  const lanes = chart.lanes.flatMap(({ from, to, parcels, rolling, fill }) => {
    const [start, end] = [known.get(from), known.get(to)];
    return start && end ? [{ from: start, to: end, parcels, rolling, fill }] : [];
  });
  return {
    places,
    lanes,
    mostQueue: Math.max(1, ...places.map((place) => place.queue)),
    mostParcels: Math.max(1, ...lanes.map((lane) => lane.parcels)),
  };
}

/** The worst severity that is open at each facility. */
export function worstByFacility(rows: Iterable<ExceptionItem>): Map<string, string> {
  const worst = new Map<string, string>();
  for (const { facility_id: id, severity, closed_at, state } of rows) {
    if (id === null || closed_at !== null || state === "resolved") continue;
    const before = worst.get(id);
    if (before === undefined || severity < before) worst.set(id, severity);
  }
  return worst;
}

export function drawLand(
  pen: CanvasRenderingContext2D,
  land: Basemap | null,
  view: View,
  size: Size,
  ratio: number,
  colours: Colours,
): void {
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = colours.water;
  pen.fillRect(0, 0, size.width, size.height);
  if (!land) return;
  pen.setTransform(view.k * ratio, 0, 0, view.k * ratio, view.x * ratio, view.y * ratio);
  pen.lineWidth = 1 / view.k;
  pen.lineJoin = "round";
  pen.fillStyle = colours.neighbour;
  pen.strokeStyle = colours.line;
  pen.fill(land.neighbours);
  pen.stroke(land.neighbours);
  pen.fillStyle = colours.land;
  pen.fill(land.states);
  pen.stroke(land.stateLines);
}

export function drawLanes(
  pen: CanvasRenderingContext2D,
  scene: Scene,
  view: View,
  colours: Colours,
): void {
  pen.lineCap = "round";
  for (const lane of scene.lanes) {
    const [[x1, y1], [bendX, bendY], [x2, y2]] = curveOf(lane, view);
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.quadraticCurveTo(bendX, bendY, x2, y2);
    const width = 0.75 + 4 * Math.sqrt(lane.parcels / scene.mostParcels);
    if (lane.chosen) {
      pen.lineWidth = width + 6;
      pen.strokeStyle = colours.accent;
      pen.globalAlpha = 0.35;
      pen.stroke();
    }
    pen.lineWidth = width;
    pen.strokeStyle = lane.fill !== null && lane.fill > NEARLY_FULL ? colours.laneFull : colours.lane;
    pen.globalAlpha = lane.rolling || lane.chosen ? 0.75 : 0.35;
    // Where a lane can be chosen its fill is what is looked for: much air is dashed.
    pen.setLineDash(lane.id !== undefined && lane.fill !== null && lane.fill < MUCH_AIR ? [6, 5] : []);
    pen.stroke();
    pen.setLineDash([]);
  }
  pen.globalAlpha = 1;
}

/** Start, bend and end of a lane: bent to its left, so that there and back are two lines. */
function curveOf(lane: Lane, view: View): [Position, Position, Position] {
  const [x1, y1] = onScreen(view, lane.from);
  const [x2, y2] = onScreen(view, lane.to);
  return [[x1, y1], [(x1 + x2) / 2 + (y2 - y1) * BEND, (y1 + y2) / 2 - (x2 - x1) * BEND], [x2, y2]];
}

/** The lane that can be chosen next to a place of the screen. */
export function laneAt(scene: Scene, view: View, x: number, y: number): Lane | null {
  let found: Lane | null = null;
  let least = NEAR_PX;
  for (const lane of scene.lanes) {
    if (lane.id === undefined) continue;
    const [from, bend, to] = curveOf(lane, view);
    for (let step = 1; step < CURVE_STEPS; step += 1) {
      const t = step / CURVE_STEPS;
      const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
      const distance = Math.hypot(
        a * from[0] + b * bend[0] + c * to[0] - x,
        a * from[1] + b * bend[1] + c * to[1] - y,
      );
      if (distance < least) {
        found = lane;
        least = distance;
      }
    }
  }
  return found;
}

const BEND = 0.08;
const NEARLY_FULL = 0.9;
export const MUCH_AIR = 0.5;
const NEAR_PX = 9;
const CURVE_STEPS = 64;

export function sideOf(place: Place, scene: Scene): number {
  return 6 + 14 * Math.sqrt(place.queue / scene.mostQueue);
}

export function drawPlaces(
  pen: CanvasRenderingContext2D,
  scene: Scene,
  view: View,
  colours: Colours,
  worst: ReadonlyMap<string, string>,
  chosen: string | null,
  size: Size,
): void {
  for (const place of scene.places) {
    const [x, y] = onScreen(view, place.at);
    const side = sideOf(place, scene);
    pen.fillStyle = colours.facility;
    pen.fillRect(x - side / 2, y - side / 2, side, side);
    pen.strokeStyle = colours.pane;
    pen.lineWidth = 1;
    pen.strokeRect(x - side / 2 - 0.5, y - side / 2 - 0.5, side + 1, side + 1);
    const severity = worst.get(place.id);
    if (severity !== undefined) ring(pen, x, y, side, severity, colours);
    if (place.id === chosen) {
      pen.strokeStyle = colours.accent;
      pen.lineWidth = 2;
      pen.strokeRect(x - side / 2 - 6, y - side / 2 - 6, side + 12, side + 12);
    }
  }
  drawNames(pen, scene, view, colours, size);
}

/** By severity: colour, and one to four strokes of the ring, for those who see no colours. */
function ring(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  side: number,
  severity: string,
  colours: Colours,
): void {
  const { tone } = severityOf(severity);
  pen.strokeStyle = colours[tone];
  pen.lineWidth = tone === "critical" ? 3.5 : tone === "high" ? 2.5 : 2;
  pen.setLineDash(tone === "low" ? [2, 3] : tone === "medium" ? [6, 3] : []);
  pen.beginPath();
  pen.arc(x, y, side * 0.75 + 4, 0, 2 * Math.PI);
  pen.stroke();
  pen.setLineDash([]);
}

/** Names where there is room, the busiest first. */
function drawNames(
  pen: CanvasRenderingContext2D,
  scene: Scene,
  view: View,
  colours: Colours,
  size: Size,
): void {
  pen.font = "11px system-ui, sans-serif";
  pen.textBaseline = "middle";
  const taken: [number, number, number, number][] = [];
  const busiest = [...scene.places].sort((a, b) => b.queue - a.queue);
  for (const place of busiest.slice(0, MOST_NAMES)) {
    const [x, y] = onScreen(view, place.at);
    const { width } = pen.measureText(place.name);
    const apart = sideOf(place, scene) * 0.75 + 10;
    const left = x + apart + width > size.width ? x - apart - width : x + apart;
    const box: [number, number, number, number] = [left, y - 8, left + width, y + 8];
    const covers = taken.some((each) => each[0] < box[2] && box[0] < each[2] && each[1] < box[3] && box[1] < each[3]);
    if (covers) continue;
    taken.push(box);
    pen.strokeStyle = colours.land;
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeText(place.name, left, y);
    pen.fillStyle = colours.text;
    pen.fillText(place.name, left, y);
  }
}

const MOST_NAMES = 60;
