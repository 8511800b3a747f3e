import { share } from "../shown/numbers";

interface Props {
  value: number | null;
  /** Much of it is no warning. */
  neutral?: boolean;
}

/** A share as a bar with its figure; nothing to fill is a dash. */
export function FillBar({ value, neutral = false }: Props) {
  if (value === null) return <span className="faint">–</span>;
  return (
    <span className="fill">
      <span className="fill-track" aria-hidden="true">
        <span
          className={value > 0.9 && !neutral ? "fill-bar full" : "fill-bar"}
          style={{ width: `${Math.min(value, 1) * 100}%` }}
        />
      </span>
      <span className="fill-text">{share(value)}</span>
    </span>
  );
}
