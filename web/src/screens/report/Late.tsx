import { useRef } from "react";
import type { LateCause, PlanReport } from "../../api/schema";
import { count, decimal, share } from "../../shown/numbers";
import { Bars } from "../../ui/Bars";
import { type Column, DataTable } from "../../ui/DataTable";
import { SvgButton } from "../../ui/Saving";
import { words } from "../../shown/words";

/** Why parcels were late: one cause each, so that the bars sum to all of them. */
export function Late({ report: { late, plan_id: id } }: { report: PlanReport }) {
  const drawing = useRef<SVGSVGElement>(null);
  if (late.parcels === 0) {
    return (
      <>
        <h2>Why parcels were late</h2>
        <p className="faint">{late.of === 0 ? "No promise is due yet." : `None of ${count(late.of)} is late.`}</p>
      </>
    );
  }
  return (
    <>
      <div className="table-tools">
        <h2>Why parcels were late</h2>
        <span className="faint">
          {count(late.parcels)} of {count(late.of)} that were due
          {late.excused > 0 && `; ${count(late.excused)} excused (faint)`}
        </span>
        <span className="grow" />
        <SvgButton name={`late-${id}`} drawing={drawing} />
      </div>
      <Bars
        label="Late parcels by cause"
        drawing={drawing}
        bars={late.causes.map((cause) => ({
          name: cause.name,
          value: cause.parcels,
          part: cause.excused,
          text: `${count(cause.parcels)} · ${share(cause.share)}`,
        }))}
      />
      <DataTable
        label="Causes of lateness"
        name="late-causes"
        rows={late.causes}
        columns={COLUMNS}
        usual={{ column: "parcels", down: true }}
        idOf={(cause) => `${cause.cause} ${cause.owner ?? ""}`}
      />
      {late.subjects.length > 0 && (
        <>
          <h3>Look first at</h3>
          <ol className="subjects">
            {late.subjects.slice(0, 5).map((each) => (
              <li key={`${each.cause} ${each.subject}`}>
                <strong>{count(each.parcels)}</strong> {each.subject} <span className="faint">{each.name.toLowerCase()}</span>
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

const COLUMNS: readonly Column<LateCause>[] = [
  { id: "name", label: "Cause", cell: (cause) => cause.name, show: (cause) => <span title={cause.meaning}>{cause.name}</span> },
  { id: "owner", label: "Answers for it", cell: (cause) => words(cause.owner ?? "unknown") },
  { id: "parcels", label: "Parcels", numeric: true, cell: (cause) => cause.parcels },
  {
    id: "points",
    label: "Points",
    numeric: true,
    title: "what it took from the on-time share",
    cell: (cause) => cause.points,
    show: (cause) => decimal(cause.points),
  },
  { id: "excused", label: "Excused", numeric: true, cell: (cause) => cause.excused },
  {
    id: "hours",
    label: "Hours late",
    numeric: true,
    title: "median of those that were delivered",
    cell: (cause) => cause.hours,
    show: (cause) => decimal(cause.hours),
  },
  { id: "meaning", label: "meaning", hidden: true, cell: (cause) => cause.meaning },
];
