import type { KeyboardEvent, PointerEvent } from "react";

interface Props {
  label: string;
  widthPx: number;
  leastPx: number;
  mostPx: number;
  /** Which way the pane grows. */
  grows: "right" | "left";
  onChange: (widthPx: number) => void;
}

const STEP_PX = 16;

/** The line between two panes, dragged or moved with the arrow keys. */
export function Splitter({ label, widthPx, leastPx, mostPx, grows, onChange }: Props) {
  const sign = grows === "right" ? 1 : -1;
  const change = (px: number): void => onChange(Math.min(mostPx, Math.max(leastPx, Math.round(px))));

  function drag(event: PointerEvent<HTMLDivElement>): void {
    const element = event.currentTarget;
    const from = event.clientX;
    element.setPointerCapture(event.pointerId);
    element.onpointermove = (moved) => change(widthPx + sign * (moved.clientX - from));
    element.onpointerup = () => {
      element.onpointermove = null;
    };
  }
  function press(event: KeyboardEvent): void {
    const step = { ArrowLeft: -STEP_PX, ArrowRight: STEP_PX }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    change(widthPx + sign * step);
  }
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a window splitter (ARIA) is
    <div
      className="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={widthPx}
      aria-valuemin={leastPx}
      aria-valuemax={mostPx}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={press}
    />
  );
}
