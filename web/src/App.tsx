import { lazy, Suspense, useEffect, useState } from "react";
import { get } from "./api/client";
import { asRefused, type RefusedError } from "./api/problems";
import type { Me } from "./api/schema";
import { session } from "./api/session";
import { decoded, go, useAddress } from "./frame/address";
import { Frame } from "./frame/Frame";
import { startLive } from "./live/live";
import { useStore } from "./live/store";
import { usePast } from "./past/past";
import { SignIn } from "./screens/sign-in/SignIn";
import { loadQueue, startQueue } from "./screens/tower/queue";
import { Tower } from "./screens/tower/Tower";
import { Empty, Failure, Skeleton } from "./ui/faces";
import { Link } from "./ui/Link";

const Board = lazy(() => import("./screens/board/Board").then(({ Board }) => ({ default: Board })));
const Boards = lazy(() => import("./screens/board/Boards").then(({ Boards }) => ({ default: Boards })));
const Fleet = lazy(() => import("./screens/fleet/Fleet").then(({ Fleet }) => ({ default: Fleet })));
const Parcel = lazy(() => import("./screens/parcel/Parcel").then(({ Parcel }) => ({ default: Parcel })));
const Plan = lazy(() => import("./screens/plan/Plan").then(({ Plan }) => ({ default: Plan })));
const Plans = lazy(() => import("./screens/plan/Plans").then(({ Plans }) => ({ default: Plans })));
const Report = lazy(() => import("./screens/report/Report").then(({ Report }) => ({ default: Report })));
const Reports = lazy(() => import("./screens/report/Reports").then(({ Reports }) => ({ default: Reports })));
const Parcels = lazy(() => import("./screens/parcel/Parcels").then(({ Parcels }) => ({ default: Parcels })));

/** Who is signed in sees the screen of the address; who is not signs in and comes back to it. */
export function App() {
  const { known, me } = useStore(session);
  const { path, query } = useAddress();
  const [error, setError] = useState<RefusedError | null>(null);
  const [tries, setTries] = useState(0);

  useEffect(() => {
    get<Me>("/session").then(
      (found) => session.change({ known: true, me: found, ended: false }),
      (failure: unknown) => {
        const told = asRefused(failure);
        if (told.status === 401) session.change({ known: true, me: null, ended: false });
        else setError(told);
      },
    );
  }, [tries]);

  useEffect(() => {
    if (!known) return;
    if (me === null && path !== "/sign-in") {
      const from = path === "/" ? "" : `?next=${encodeURIComponent(path + location.search)}`;
      go(`/sign-in${from}`, { replace: true });
    } else if (me !== null && (path === "/" || path === "/sign-in")) {
      go(ownPath(query.get("next")), { replace: true });
    }
  }, [known, me, path, query]);

  if (!known && error) {
    const retry = (): void => {
      setError(null);
      setTries(tries + 1);
    };
    return <Failure error={error} retry={retry} />;
  }
  if (!known) return <Skeleton rows={3} label="Crossdock" />;
  if (me === null) return <SignIn />;
  return <SignedIn me={me} path={path} />;
}

function SignedIn({ me, path }: { me: Me; path: string }) {
  useEffect(() => {
    const stopLive = startLive(me.tenant);
    const stopQueue = startQueue();
    return () => {
      stopQueue();
      stopLive();
    };
  }, [me.tenant]);
  const atMs = usePast();
  useEffect(() => {
    const stop = new AbortController();
    void loadQueue(stop.signal);
    return () => stop.abort();
  }, [me.tenant, atMs]);
  return (
    <Frame me={me} path={path}>
      <Suspense fallback={<Skeleton rows={8} label="the screen" />}>
        <Screen me={me} path={path} />
      </Suspense>
    </Frame>
  );
}

function Screen({ me, path }: { me: Me; path: string }) {
  if (path === "/tower" || path === "/" || path === "/sign-in") return <Tower me={me} />;
  if (path === "/board") return <Boards />;
  if (path.startsWith("/board/")) return <Board key={path} id={idIn(path, "/board/")} me={me} />;
  if (path === "/fleet") return <Fleet />;
  if (path === "/parcel") return <Parcels />;
  if (path.startsWith("/parcel/")) {
    return <Parcel id={idIn(path, "/parcel/")} />;
  }
  if (path === "/plan") return <Plans me={me} />;
  if (path.startsWith("/plan/")) return <Plan key={path} id={decoded(path.slice("/plan/".length))} me={me} />;
  if (path === "/report") return <Reports />;
  if (path.startsWith("/report/")) return <Report key={path} id={decoded(path.slice("/report/".length))} />;
  return (
    <Empty title="There is no such page">
      <Link to="/tower">Go to the tower</Link>
    </Empty>
  );
}

/** The id that a path ends with; it may hold slashes. */
function idIn(path: string, start: string): string {
  return path.slice(start.length).split("/").map(decoded).join("/");
}

/** A path of this server: a link cannot lead elsewhere. */
function ownPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/tower";
}
