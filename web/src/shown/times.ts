const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long, in the two units that matter: "42 s", "12 min", "3 h 05", "2 d 4 h". */
export function span(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < MINUTE) return `${Math.floor(whole / SECOND)} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) {
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    return `${Math.floor(whole / HOUR)} h ${String(minutes).padStart(2, "0")}`;
  }
  const hours = Math.floor((whole % DAY) / HOUR);
  return hours ? `${Math.floor(whole / DAY)} d ${hours} h` : `${Math.floor(whole / DAY)} d`;
}

/** "in 38 min", "38 min ago". */
export function relative(atMs: number, nowMs: number): string {
  return atMs > nowMs ? `in ${span(atMs - nowMs)}` : `${span(nowMs - atMs)} ago`;
}

export function clockTime(atMs: number, nowMs: number, zone?: string): string {
  const time = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone).format(atMs);
  const day = format({ year: "numeric", month: "2-digit", day: "2-digit" }, zone);
  if (day.format(atMs) === day.format(nowMs)) return time;
  return `${format({ weekday: "short", day: "numeric", month: "short" }, zone).format(atMs)} ${time}`;
}

/** "Thu 26": the day of an instant. */
export function dayName(atMs: number, zone?: string): string {
  const parts = format({ weekday: "short", day: "numeric" }, zone).formatToParts(atMs);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("weekday")} ${part("day")}`;
}

/** "05:00", whatever the day. */
export function timeOfDay(atMs: number, zone?: string): string {
  return format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone).format(atMs);
}

/** "Tue, Nov 24". */
export function dayOf(atMs: number, zone?: string): string {
  return format({ weekday: "short", day: "numeric", month: "short" }, zone).format(atMs);
}

/** The short name of the zone at an instant: "EST". */
export function zoneName(atMs: number, zone?: string): string {
  const parts = format({ timeZoneName: "short" }, zone).formatToParts(atMs);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

/** The day of the week at an instant: "Monday". */
export function weekday(atMs: number, zone?: string): string {
  return format({ weekday: "long" }, zone).format(atMs);
}

export function utc(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format is slow; a list shows thousands of times. */
function format(options: Intl.DateTimeFormatOptions, zone: string | undefined): Intl.DateTimeFormat {
  const name = JSON.stringify([options, zone]);
  let found = formats.get(name);
  if (!found) {
    found = new Intl.DateTimeFormat("en-US", { ...options, ...(zone ? { timeZone: zone } : {}) });
    formats.set(name, found);
  }
  return found;
}
