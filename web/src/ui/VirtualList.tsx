import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { rowsInView } from "./rows";

interface Props<Item> {
  label: string;
  items: readonly Item[];
  rowPx: number;
  idOf: (item: Item) => string;
  selected: string | null;
  onSelect: (item: Item) => void;
  row: (item: Item) => ReactNode;
}

/** A list of any length: only what is in view is drawn, and the selected row is kept in view. */
export function VirtualList<Item>({ label, items, rowPx, idOf, selected, onSelect, row }: Props<Item>) {
  const box = useRef<HTMLDivElement>(null);
  const [scrolledPx, setScrolledPx] = useState(0);
  const [heightPx, setHeightPx] = useState(600);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const watched = new ResizeObserver(() => setHeightPx(element.clientHeight));
    watched.observe(element);
    return () => watched.disconnect();
  }, []);

  const place = selected === null ? -1 : items.findIndex((item) => idOf(item) === selected);
  useEffect(() => {
    const element = box.current;
    if (!element || place < 0) return;
    const top = place * rowPx;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowPx > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + rowPx - element.clientHeight;
    }
  }, [place, rowPx]);

  const { first, end } = rowsInView(scrolledPx, heightPx, rowPx, items.length);
  return (
    <div
      ref={box}
      className="virtual-list"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={place >= first && place < end ? `row-${place}` : undefined}
      onScroll={(event) => setScrolledPx(event.currentTarget.scrollTop)}
    >
      <div className="virtual-list-all" style={{ height: items.length * rowPx }}>
        {items.slice(first, end).map((item, offset) => {
          const id = idOf(item);
          return (
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- j, k and Enter do it
            <div
              key={id}
              id={`row-${first + offset}`}
              role="option"
              tabIndex={-1}
              aria-selected={id === selected}
              aria-setsize={items.length}
              aria-posinset={first + offset + 1}
              className="virtual-row"
              style={{ height: rowPx, transform: `translateY(${(first + offset) * rowPx}px)` }}
              onClick={() => onSelect(item)}
            >
              {row(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
}
