/** Paths of a small curve in a box; what is not known is a gap. */
export function curve(
  values: readonly (number | null)[],
  width: number,
  height: number,
  { fromZero = false, inset = 1 } = {},
): { line: string; area: string } {
  const known = values.filter((value) => value !== null);
  if (known.length === 0 || values.length < 2) return { line: "", area: "" };
  const least = fromZero ? 0 : Math.min(...known);
  const most = Math.max(...known);
  const y = (value: number): number => {
    // What does not change is a line through the middle; where zero is the ground, along it.
    const share = most > least ? (value - least) / (most - least) : fromZero ? 0 : 0.5;
    return height - inset - share * (height - 2 * inset);
  };
  const x = (place: number): number => (place / (values.length - 1)) * width;
  const line: string[] = [];
  const area: string[] = [];
  let startX: number | null = null;
  values.forEach((value, place) => {
    if (value === null) return;
    const [atX, atY] = [x(place).toFixed(1), y(value).toFixed(1)];
    const goesOn = startX !== null;
    line.push(`${goesOn ? "L" : "M"}${atX} ${atY}`);
    area.push(goesOn ? `L${atX} ${atY}` : `M${atX} ${height}L${atX} ${atY}`);
    startX ??= x(place);
    if (values[place + 1] === null || place === values.length - 1) {
      area.push(`L${atX} ${height}Z`);
      startX = null;
    }
  });
  return { line: line.join(""), area: area.join("") };
}
