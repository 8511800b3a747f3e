import type { ExceptionItem } from "../../api/schema";
import { useSeconds } from "../../live/clock";
import { shownNow } from "../../past/past";
import { useStore } from "../../live/store";
import { count, dollars } from "../../shown/numbers";
import { span } from "../../shown/times";
import { words } from "../../shown/words";
import { Empty, Failure, Skeleton, StaleNote } from "../../ui/faces";
import { SeverityMark } from "../../ui/SeverityMark";
import { VirtualList } from "../../ui/VirtualList";
import { loadQueue, queue } from "./queue";

const ROW_PX = 48;

interface Props {
  items: readonly ExceptionItem[];
  selected: string | null;
  onSelect: (row: ExceptionItem) => void;
}

export function QueueList({ items, selected, onSelect }: Props) {
  const { loadedAt, error, cut } = useStore(queue);
  const retry = (): void => void loadQueue();
  if (loadedAt === null) {
    return error ? <Failure error={error} retry={retry} /> : <Skeleton rows={12} label="the exceptions" />;
  }
  return (
    <>
      {error && <StaleNote error={error} retry={retry} />}
      {items.length === 0 ? (
        <Empty title="Nothing to do here">
          Exceptions appear as soon as an event, a silence or a passed promise opens one. Another filter may
          show more.
        </Empty>
      ) : (
        <VirtualList
          label="Exceptions, the worst first"
          items={items}
          rowPx={ROW_PX}
          idOf={(row) => row.id}
          selected={selected}
          onSelect={onSelect}
          row={(row) => <Row row={row} />}
        />
      )}
      {cut && <p className="faint cut">The worst ones are held here; the server has more.</p>}
    </>
  );
}

function Row({ row }: { row: ExceptionItem }) {
  useSeconds();
  const age = span(shownNow() - Date.parse(row.opened_at));
  const stakes = [
    row.money_at_risk_usd ? dollars(row.money_at_risk_usd) : null,
    row.promises_at_risk > 1 ? `${count(row.promises_at_risk)} promises` : null,
  ];
  return (
    <div className="queue-row">
      <SeverityMark severity={row.severity} />
      <span className="queue-what">{words(row.kind)}</span>
      <span className="queue-stakes">{stakes.filter(Boolean).join(" · ")}</span>
      <span className="queue-subject">{row.subject ?? "–"}</span>
      <span className="queue-state">
        {row.escalated && <span className="mark high">⇧ escalated · </span>}
        {row.owner ?? (row.state === "open" ? "nobody" : row.state)} · {age}
      </span>
    </div>
  );
}
