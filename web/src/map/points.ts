import type { Position } from "./projection";
import type { View } from "./view";

/** Many moving points: projected when they move, drawn as pixels. */
export class Points {
  private places = new Map<string, number>();
  private positions = new Float64Array(2_048);
  private paints = new Uint32Array(1_024);
  readonly ids: string[] = [];

  get count(): number {
    return this.ids.length;
  }

  clear(): void {
    this.places.clear();
    this.ids.length = 0;
  }

  /** Put a point somewhere on the plane of the map; `paint` as little-endian RGBA. */
  put(id: string, position: Position, paint: number): void {
    let place = this.places.get(id);
    if (place === undefined) {
      place = this.ids.push(id) - 1;
      this.places.set(id, place);
      if (place >= this.paints.length) this.grow();
    }
    this.positions.set(position, 2 * place);
    this.paints[place] = paint;
  }

  /** Where a point is; null where there is none of this id. */
  at(id: string): Position | null {
    const place = this.places.get(id);
    return place === undefined ? null : [this.positions[2 * place] ?? 0, this.positions[2 * place + 1] ?? 0];
  }

  move(id: string, position: Position): void {
    const place = this.places.get(id);
    if (place !== undefined) this.positions.set(position, 2 * place);
  }

  paint(id: string, paint: number): void {
    const place = this.places.get(id);
    if (place !== undefined) this.paints[place] = paint;
  }

  /** Draw all of them into the pixels of a canvas, each a dot of `sidePx`. */
  draw(pixels: Uint32Array, width: number, height: number, view: View, ratio: number, sidePx: number): void {
    pixels.fill(0);
    const { positions, paints } = this;
    const scale = view.k * ratio;
    const [shiftX, shiftY] = [view.x * ratio - sidePx / 2, view.y * ratio - sidePx / 2];
    for (let place = 0; place < this.count; place += 1) {
      const left = Math.round((positions[2 * place] ?? 0) * scale + shiftX);
      const top = Math.round((positions[2 * place + 1] ?? 0) * scale + shiftY);
      if (left < 0 || top < 0 || left + sidePx > width || top + sidePx > height) continue;
      const paint = paints[place] ?? 0;
      const last = top + sidePx - 1;
      for (let y = top; y <= last; y += 1) {
        // Without its corners a square is as good as a dot.
        const inset = sidePx > 3 && (y === top || y === last) ? 1 : 0;
        const end = y * width + left + sidePx - inset;
        for (let pixel = y * width + left + inset; pixel < end; pixel += 1) pixels[pixel] = paint;
      }
    }
  }

  /** The point next to a place of the screen, if one is near. */
  nearest(atX: number, atY: number, view: View, withinPx: number): string | null {
    let found: string | null = null;
    let least = withinPx * withinPx;
    for (let place = 0; place < this.count; place += 1) {
      const dx = (this.positions[2 * place] ?? 0) * view.k + view.x - atX;
      const dy = (this.positions[2 * place + 1] ?? 0) * view.k + view.y - atY;
      if (dx * dx + dy * dy < least) {
        least = dx * dx + dy * dy;
        found = this.ids[place] ?? null;
      }
    }
    return found;
  }

  private grow(): void {
    const positions = new Float64Array(2 * this.positions.length);
    const paints = new Uint32Array(2 * this.paints.length);
    positions.set(this.positions);
    paints.set(this.paints);
    this.positions = positions;
    this.paints = paints;
  }
}
