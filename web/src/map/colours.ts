/** The colours of the style sheet as a canvas understands them. */
export interface Colours {
  water: string;
  land: string;
  neighbour: string;
  line: string;
  lane: string;
  laneFull: string;
  text: string;
  faint: string;
  facility: string;
  truck: string;
  van: string;
  critical: string;
  high: string;
  medium: string;
  low: string;
  done: string;
  pane: string;
  accent: string;
}

const NAMES: Record<keyof Colours, string> = {
  water: "--map-water",
  land: "--map-land",
  neighbour: "--map-neighbour",
  line: "--map-line",
  lane: "--map-lane",
  laneFull: "--map-lane-full",
  text: "--text",
  faint: "--faint",
  facility: "--map-facility",
  truck: "--map-truck",
  van: "--map-van",
  critical: "--critical",
  high: "--high",
  medium: "--medium",
  low: "--low",
  done: "--done",
  pane: "--pane",
  accent: "--accent",
};

export function coloursOf(element: HTMLElement): Colours {
  const before = element.style.color;
  const found = Object.entries(NAMES).map(([name, variable]) => {
    element.style.color = `var(${variable})`;
    return [name, getComputedStyle(element).color] as const;
  });
  element.style.color = before;
  return Object.fromEntries(found) as unknown as Colours;
}

/** A colour as the pixels of a canvas have it: little-endian RGBA. */
export function pixelOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
