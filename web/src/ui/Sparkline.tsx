import { curve } from "./curve";

const WIDTH = 76;
const HEIGHT = 16;

interface Props {
  values: readonly (number | null)[];
  /** What it says in words. */
  said: string;
}

/** How a figure came to what it is. */
export function Sparkline({ values, said }: Props) {
  const { line } = curve(values, WIDTH, HEIGHT, { inset: 2 });
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
      <title>{said}</title>
      <path d={line} />
    </svg>
  );
}
