export const UNKNOWN = "–";

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : Math.round(value).toLocaleString("en-US");
}

export function share(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : `${(value * 100).toFixed(1)} %`;
}

/** Dollars and cents: "$9.84". */
export function cents(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  const text = `$${Math.abs(value).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  return value < -0.005 ? `−${text}` : text;
}

export function decimal(value: number | null | undefined, digits = 1): string {
  if (value === null || value === undefined) return UNKNOWN;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** Dollars: whole below ten thousand, then "$18.2k", "$1.4M". */
export function dollars(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  if (value >= 999_950) return `$${(value / 1_000_000).toFixed(1)}M`;
  if (value >= 10_000) return `$${(value / 1_000).toFixed(1)}k`;
  return `$${Math.round(value).toLocaleString("en-US")}`;
}

/** A price to the dollar, with its sign: "$75", "-$264". */
export function money(value: number): string {
  const said = dollars(Math.abs(value));
  return value <= -0.5 ? `-${said}` : said;
}

/** A change of money: "+$16", "-$232", "$0". */
export function change(value: number): string {
  return value >= 0.5 ? `+${money(value)}` : money(value);
}
