import { type RefObject, useLayoutEffect, useState } from "react";

/** How wide an element is now. */
export function useWidth(box: RefObject<HTMLElement | null>, usual = 800): number {
  const [width, setWidth] = useState(usual);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const watched = new ResizeObserver(() => setWidth(element.clientWidth));
    watched.observe(element);
    return () => watched.disconnect();
  }, [box]);
  return width;
}
