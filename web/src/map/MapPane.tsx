import { type PointerEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { ExceptionItem } from "../api/schema";
import { useKeys } from "../frame/keys";
import { theme } from "../frame/theme";
import { useStore } from "../live/store";
import { count } from "../shown/numbers";
import { type Basemap, loadBasemap } from "./basemap";
import { type Colours, coloursOf, pixelOf } from "./colours";
import type { Fleet } from "./fleet";
import { drawPath, type Path, pathAt } from "./paths";
import { type Position, project, unproject } from "./projection";
import {
  drawLand,
  drawLanes,
  drawPlaces,
  laneAt,
  type Place,
  type Scene,
  sideOf,
  worstByFacility,
} from "./scene";
import { centred, centreOf, fitted, moved, onScreen, type Size, type View, zoomed } from "./view";

interface Props {
  scene: Scene;
  fleet: Fleet;
  exceptions: ReadonlyMap<string, ExceptionItem>;
  /** A facility that stands out. */
  chosen: string | null;
  /** Lines to draw, such as the path of a parcel. */
  paths?: readonly Path[];
  /** "longitude,latitude,closeness" of a link. */
  kept: string | null;
  onKept: (view: string) => void;
  onChoose?: (facility: string) => void;
  /** Of a lane that has an id. */
  onChooseLane?: (lane: string) => void;
  /** Of a path that has an id, and of a position of it. */
  onChoosePath?: (path: string, stop: string | null) => void;
}

const WHOLE: readonly Position[] = [[-124, 48], [-67, 47], [-81, 25], [-117, 32.5]]
  .map(([longitude = 0, latitude = 0]) => project(longitude, latitude))
  .filter((position) => position !== null);
const MOST_ARROWS = 3_000;
const CLOSE_K = 3;
/** So many vehicles are dots of a crowd. */
const CROWD = 5_000;

/** The map: land and lanes, over them the vehicles as pixels, and over all the facilities. */
export function MapPane(props: Props) {
  const { scene, fleet, exceptions, chosen, paths, kept, onKept, onChoose, onChooseLane, onChoosePath } = props;
  const box = useRef<HTMLDivElement>(null);
  const ground = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLCanvasElement>(null);
  const signs = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  const [land, setLand] = useState<Basemap | null>(null);
  const [view, setView] = useState<View | null>(null);
  const [hovered, setHovered] = useState<{ text: string; x: number; y: number } | null>(null);
  const [colours, setColours] = useState<Colours | null>(null);
  const chosenTheme = useStore(theme);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const watched = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    watched.observe(element);
    return () => watched.disconnect();
  }, []);

  useEffect(() => {
    let here = true;
    void loadBasemap().then((found) => {
      if (here) setLand(found);
    });
    return () => {
      here = false;
    };
  }, []);

  useEffect(() => {
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const read = (): void => {
      if (box.current) setColours(coloursOf(box.current));
    };
    read();
    scheme.addEventListener("change", read);
    return () => scheme.removeEventListener("change", read);
  }, [chosenTheme]);

  const shown = view ?? (size.width ? (viewOf(kept, size) ?? fitted(startOf(scene, paths), size)) : null);

  useEffect(() => {
    const pen = ground.current?.getContext("2d");
    if (!pen || !shown || !colours) return;
    const ratio = sharpened(pen.canvas, size);
    drawLand(pen, land, shown, size, ratio, colours);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawLanes(pen, scene, shown, colours);
    for (const path of paths ?? []) drawPath(pen, path, shown, colours);
  }, [colours, land, paths, scene, shown, size]);

  const worst = useMemo(() => worstByFacility(exceptions.values()), [exceptions]);
  useEffect(() => {
    const pen = signs.current?.getContext("2d");
    if (!pen || !shown || !colours) return;
    const ratio = sharpened(pen.canvas, size);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, size.width, size.height);
    drawPlaces(pen, scene, shown, colours, worst, chosen, size);
  }, [chosen, colours, scene, shown, size, worst]);

  useEffect(() => {
    const pen = marks.current?.getContext("2d");
    if (!pen || !shown || !colours) return undefined;
    const ratio = sharpened(pen.canvas, size);
    fleet.paint({ truck: pixelOf(colours.truck), van: pixelOf(colours.van) });
    const image = pen.createImageData(pen.canvas.width, pen.canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    let frame = 0;
    const draw = (): void => {
      const moves = fleet.step(performance.now());
      frame = moves ? requestAnimationFrame(draw) : 0;
      const sidePx = Math.round((fleet.points.count > CROWD ? 2 : 5) * ratio);
      fleet.points.draw(pixels, image.width, image.height, shown, ratio, sidePx);
      pen.putImageData(image, 0, 0);
      if (fleet.points.count <= MOST_ARROWS) drawArrows(pen, fleet, shown, size, ratio, colours);
    };
    draw();
    const off = fleet.listen(() => {
      frame ||= requestAnimationFrame(draw);
    });
    return () => {
      off();
      cancelAnimationFrame(frame);
    };
  }, [colours, fleet, shown, size]);

  useEffect(() => {
    const element = box.current;
    if (!element || !shown) return undefined;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      const bounds = element.getBoundingClientRect();
      const at: Position = [event.clientX - bounds.left, event.clientY - bounds.top];
      setView(zoomed(shown, Math.exp(-event.deltaY / 400), at));
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, [shown]);

  useEffect(() => {
    if (!view) return undefined;
    const timer = setTimeout(() => onKept(linkOf(view, size)), 400);
    return () => clearTimeout(timer);
  }, [onKept, size, view]);

  useKeys({
    m: () => {
      const place = scene.places.find((each) => each.id === chosen);
      if (place && shown) setView(centred(place.at, Math.max(shown.k, CLOSE_K), size));
    },
  });

  function drag(event: PointerEvent<HTMLDivElement>): void {
    if (!shown || event.button !== 0 || event.target instanceof HTMLButtonElement) return;
    const element = event.currentTarget;
    const [fromX, fromY] = [event.clientX, event.clientY];
    let far = false;
    element.setPointerCapture(event.pointerId);
    element.onpointermove = (to) => {
      far ||= Math.hypot(to.clientX - fromX, to.clientY - fromY) > 4;
      if (far) setView(moved(shown, to.clientX - fromX, to.clientY - fromY));
    };
    element.onpointerup = (to) => {
      element.onpointermove = null;
      element.onpointerup = null;
      if (far) return;
      const at = inside(to, element);
      const place = placeAt(scene, shown, ...at);
      const line = place ? null : pathAt(paths ?? [], shown, ...at);
      const lane = place || line ? null : laneAt(scene, shown, ...at);
      if (line?.path.id !== undefined) onChoosePath?.(line.path.id, line.stop);
      else if (place) onChoose?.(place.id);
      else if (lane?.id !== undefined) onChooseLane?.(lane.id);
    };
  }

  function hover(event: PointerEvent<HTMLDivElement>): void {
    if (!shown || event.buttons) return;
    const [x, y] = inside(event, event.currentTarget);
    const text = saidAt(scene, fleet, shown, x, y);
    if (text !== null || hovered !== null) setHovered(text === null ? null : { text, x, y });
  }

  function zoom(factor: number): void {
    if (shown) setView(zoomed(shown, factor, [size.width / 2, size.height / 2]));
  }

  return (
    <div
      ref={box}
      className="map"
      onPointerDown={drag}
      onPointerMove={hover}
      onPointerLeave={() => setHovered(null)}
    >
      <canvas ref={ground} aria-hidden="true" />
      <canvas ref={marks} aria-hidden="true" />
      <canvas ref={signs} aria-hidden="true" />
      <p className="hidden">
        Map with {count(scene.places.length)} facilities and {count(scene.lanes.length)} lanes. The lists
        beside it say the same in words.
      </p>
      <div className="map-tools">
        <button type="button" onClick={() => zoom(1.5)} aria-label="Closer">
          +
        </button>
        <button type="button" onClick={() => zoom(1 / 1.5)} aria-label="Farther">
          −
        </button>
        <button
          type="button"
          onClick={() => setView(fitted(startOf(scene, paths), size))}
          aria-label="Show everything"
          title="Show everything"
        >
          ⤢
        </button>
      </div>
      {hovered && (
        <div className="map-said" style={{ left: Math.min(hovered.x + 12, size.width - 220), top: hovered.y + 12 }}>
          {hovered.text}
        </div>
      )}
    </div>
  );
}

function startOf(scene: Scene, paths: Props["paths"]): readonly Position[] {
  const drawn = (paths ?? []).flatMap((path) => path.at);
  if (drawn.length > 1) return drawn;
  return scene.places.length > 1 ? scene.places.map((place) => place.at) : WHOLE;
}

function viewOf(kept: string | null, size: Size): View | null {
  const [longitude, latitude, k] = (kept ?? "").split(",").map(Number);
  if (longitude === undefined || latitude === undefined || !k) return null;
  const at = project(longitude, latitude);
  return at && Number.isFinite(k) ? centred(at, k, size) : null;
}

function linkOf(view: View, size: Size): string {
  const [longitude, latitude] = unproject(...centreOf(view, size)) ?? [0, 0];
  return `${longitude.toFixed(2)},${latitude.toFixed(2)},${view.k.toFixed(2)}`;
}

function sharpened(canvas: HTMLCanvasElement, size: Size): number {
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  const [width, height] = [Math.max(1, Math.round(size.width * ratio)), Math.max(1, Math.round(size.height * ratio))];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return ratio;
}

function inside(event: { clientX: number; clientY: number }, element: HTMLElement): Position {
  const bounds = element.getBoundingClientRect();
  return [event.clientX - bounds.left, event.clientY - bounds.top];
}

function placeAt(scene: Scene, view: View, x: number, y: number): Place | null {
  let found: Place | null = null;
  let least = Infinity;
  for (const place of scene.places) {
    const [atX, atY] = onScreen(view, place.at);
    const distance = Math.hypot(atX - x, atY - y);
    if (distance < least && distance < sideOf(place, scene) / 2 + 6) {
      found = place;
      least = distance;
    }
  }
  return found;
}

function saidAt(scene: Scene, fleet: Fleet, view: View, x: number, y: number): string | null {
  const place = placeAt(scene, view, x, y);
  if (place?.said !== undefined) return place.said;
  if (place) {
    const wrong = place.exceptions ? ` · ${count(place.exceptions)} exceptions` : "";
    return `${place.name} (${place.id}) · ${count(place.queue)} parcels here${wrong}`;
  }
  const id = fleet.points.nearest(x, y, view, 8);
  const vehicle = id === null ? undefined : fleet.vehicles.get(id);
  if (!vehicle) return laneAt(scene, view, x, y)?.said ?? null;
  const work = vehicle.load_id ?? vehicle.route_id;
  return `${vehicle.kind === "truck" ? "Truck" : "Van"} ${vehicle.vehicle_id}${work ? ` · ${work}` : ""}${vehicle.down ? " · down" : ""}`;
}

function drawArrows(
  pen: CanvasRenderingContext2D,
  fleet: Fleet,
  view: View,
  size: Size,
  ratio: number,
  colours: Colours,
): void {
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.fillStyle = colours.truck;
  pen.strokeStyle = colours.pane;
  pen.lineWidth = 0.75;
  for (const vehicle of fleet.vehicles.values()) {
    if (vehicle.kind !== "truck") continue;
    const at = fleet.points.at(vehicle.vehicle_id);
    if (!at) continue;
    const [x, y] = onScreen(view, at);
    if (x < -8 || y < -8 || x > size.width + 8 || y > size.height + 8) continue;
    pen.beginPath();
    if (vehicle.heading === null) {
      // Seen once, and bound for nobody knows where.
      pen.arc(x, y, 3.5, 0, 2 * Math.PI);
      pen.fill();
      pen.stroke();
      continue;
    }
    const [cos, sin] = [Math.cos(vehicle.heading), Math.sin(vehicle.heading)];
    ARROW.forEach(([dx, dy], corner) => {
      const [toX, toY] = [x + dx * cos - dy * sin, y + dx * sin + dy * cos];
      if (corner === 0) pen.moveTo(toX, toY);
      else pen.lineTo(toX, toY);
    });
    pen.closePath();
    pen.fill();
    pen.stroke();
  }
}

const ARROW: readonly Position[] = [[7, 0], [-4, 4.5], [-2, 0], [-4, -4.5]];
