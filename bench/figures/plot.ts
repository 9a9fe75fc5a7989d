import { digits, median } from './statistics.ts';

const width = 720;
const labelWidth = 190;
const barHeight = 26;
const colours = { ours: '#0b7285', theirs: '#adb5bd', text: '#343a40', line: '#495057', grid: '#dee2e6' };
const lineColours = ['#0b7285', '#e8590c', '#5f3dc4', '#2b8a3e'];

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (x: number, y: number, content: string, more = '') =>
  `<text x="${x}" y="${y}" ${more}>${escaped(content)}</text>`;
const drawing = (height: number, title: string, parts: readonly string[]) =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13" fill="${colours.text}">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(12, 24, title, 'font-size="15" font-weight="bold"'),
    ...parts,
    '</svg>\n',
  ].join('\n');

/** Horizontal bars: the median of each, and a whisker from its least to its most. The first is ours. */
export function bars(title: string, values: ReadonlyMap<string, readonly number[]>): string {
  const most = Math.max(...[...values.values()].flat(), Number.MIN_VALUE);
  const x = (value: number) => labelWidth + (value / most) * (width - labelWidth - 90);
  const parts = [...values].flatMap(([name, rounds], i) => {
    const y = 44 + i * (barHeight + 8);
    const middle = median(rounds);
    const [least, largest] = [Math.min(...rounds), Math.max(...rounds)];
    return [
      text(labelWidth - 10, y + 18, name, 'text-anchor="end"'),
      `<rect x="${labelWidth}" y="${y}" width="${(x(middle) - labelWidth).toFixed(1)}" height="${barHeight}" fill="${i === 0 ? colours.ours : colours.theirs}"/>`,
      `<path d="M${x(least).toFixed(1)} ${y + barHeight / 2}H${x(largest).toFixed(1)}" stroke="${colours.line}" stroke-width="2"/>`,
      text(Math.max(x(largest), x(middle)) + 8, y + 18, digits(middle)),
    ];
  });
  return drawing(60 + values.size * (barHeight + 8), title, parts);
}

export type Line = { name: string; points: readonly (readonly [x: number, y: number])[] };

/** Lines over a logarithmic x, from zero up. */
export function lines(title: string, xName: string, series: readonly Line[]): string {
  const all = series.flatMap(({ points }) => points);
  const xs = [...new Set(all.map(([x]) => x))].sort((a, b) => a - b);
  const most = Math.max(...all.map(([, y]) => y)) * 1.1;
  const [left, right, top, bottom] = [60, width - 150, 50, 260];
  const span = Math.log(xs.at(-1)! / xs[0]!) || 1;
  const x = (value: number) => left + (Math.log(value / xs[0]!) / span) * (right - left);
  const y = (value: number) => bottom - (value / most) * (bottom - top);
  const grid = [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    `<path d="M${left} ${y(share * most).toFixed(1)}H${right}" stroke="${colours.grid}"/>`,
    text(left - 8, y(share * most) + 4, digits(share * most), 'text-anchor="end" font-size="11"'),
  ]);
  const ticks = xs.map((value) =>
    text(x(value), bottom + 20, value.toLocaleString('en-US'), 'text-anchor="middle" font-size="11"'),
  );
  const drawn = series.flatMap(({ name, points }, i) => {
    const colour = lineColours[i % lineColours.length]!;
    const path = points.map(([px, py], j) => `${j === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join('');
    const [, last] = points.at(-1)!;
    return [
      `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.5"/>`,
      ...points.map(
        ([px, py]) => `<circle cx="${x(px).toFixed(1)}" cy="${y(py).toFixed(1)}" r="3.5" fill="${colour}"/>`,
      ),
      text(right + 10, y(last) + 4, name, `fill="${colour}"`),
    ];
  });
  return drawing(310, title, [
    ...grid,
    ...ticks,
    ...drawn,
    text((left + right) / 2, bottom + 42, xName, 'text-anchor="middle"'),
  ]);
}
