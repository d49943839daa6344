import type { Row } from './row.js';
import { humanFactor, humanValue } from './units.js';

const WIDTH = 1000;
const LABELS = 390;
const VALUES = 170;
const ROW = 20;
const TOP = 64;
const BOTTOM = 30;
const PLOT = WIDTH - LABELS - VALUES;

const STYLE = `
  .page { fill: #ffffff } text { fill: #1f2328; font: 12px system-ui, sans-serif }
  .title { font-size: 15px; font-weight: 600 } .quiet { fill: #59636e }
  .grid { stroke: #d1d9e0 } .one { stroke: #59636e }
  .better { fill: #1a7f64 } .worse { fill: #bc4c00 } .wanted { stroke: #8250df; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9198a1 }
    .grid { stroke: #3d444d } .one { stroke: #9198a1 }
    .better { fill: #3fb68b } .worse { fill: #db6d28 } .wanted { stroke: #ab7df8 }
  }`;

type Compared = Row & { readonly advantage: number; readonly against: 'reference' | 'baseline' };

/** chart.svg: for each comparison a bar, on a logarithmic scale, of how many times better goald is, and the target as a tick. */
export function toChart(rows: readonly Row[]): string {
  const compared = rows.filter(
    (row): row is Compared => row.advantage !== null && row.against !== null,
  );
  const factors = compared.flatMap(({ advantage, wanted }) => [advantage, wanted ?? 1]);
  const low = Math.floor(Math.log10(Math.min(0.1, ...factors)));
  const high = Math.ceil(Math.log10(Math.max(10, ...factors)));
  const x = (factor: number): number =>
    round(LABELS + ((Math.log10(factor) - low) / (high - low)) * PLOT);
  const height = TOP + compared.length * ROW + BOTTOM;
  const powers = Array.from({ length: high - low + 1 }, (_, n) => 10 ** (low + n));
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    '<title>How many times better goald is than what it is compared with</title>',
    `<style>${STYLE}\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}" rx="8"/>`,
    '<text class="title" x="20" y="26">How many times better goald is (logarithmic)</text>',
    '<text class="quiet" x="20" y="44">less time, memory and bytes, more requests a second; the upright tick is the target</text>',
    ...powers.map((power) => gridLine(power, x(power), height)),
    ...compared.map((row, n) => bar(row, TOP + n * ROW, x)),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function gridLine(power: number, at: number, height: number): string {
  const bottom = height - BOTTOM;
  return (
    `<line class="${power === 1 ? 'one' : 'grid'}" x1="${at}" x2="${at}" y1="${TOP - 6}" y2="${bottom}"/>` +
    `<text class="quiet" x="${at}" y="${bottom + 18}" text-anchor="middle">${power.toLocaleString('en-US')}×</text>`
  );
}

function bar(row: Compared, top: number, x: (factor: number) => number): string {
  const [from, to] = [x(Math.min(1, row.advantage)), x(Math.max(1, row.advantage))];
  const { unit, values, against, baseline, wanted } = row;
  const other = against === 'reference' ? 'reference' : (baseline ?? against);
  const both = `${humanValue(values.goald ?? 0, unit)} · ${humanValue(values[against] ?? 0, unit)}`;
  const tick =
    wanted === null
      ? ''
      : `<line class="wanted" x1="${x(wanted)}" x2="${x(wanted)}" y1="${top + 1}" y2="${top + ROW - 3}"/>`;
  return (
    `<g><title>${escape(`${row.title}: ${humanFactor(row.advantage)} (goald · ${other}: ${both})`)}</title>` +
    `<text x="${LABELS - 12}" y="${top + 13}" text-anchor="end">${escape(row.title.replaceAll('`', ''))}</text>` +
    `<rect class="${row.advantage >= 1 ? 'better' : 'worse'}" x="${from}" y="${top + 3}" width="${Math.max(1, round(to - from))}" height="${ROW - 7}" rx="2"/>` +
    `${tick}<text class="quiet" x="${WIDTH - VALUES + 12}" y="${top + 13}">${escape(both)}</text></g>`
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
