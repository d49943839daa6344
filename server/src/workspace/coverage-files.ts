import { copyFile, lstat, mkdir, readFile, realpath } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { Coverage } from '@goald/protocol';
import { openedPath, openPlain } from './plain-file.js';

/** A larger file is named, not copied or read. */
const MAX_COVERAGE_BYTES = 4 * 1024 * 1024;
/** File systems round the time of a write. */
const CLOCK_SLACK_MS = 2000;

type Kind = Coverage['kind'];

/** Where test runners leave what they covered; the most telling one first. */
const WELL_KNOWN: readonly (readonly [path: string, kind: Kind])[] = [
  ['coverage/coverage-summary.json', 'summary'],
  ['coverage/lcov.info', 'lcov'],
  ['lcov.info', 'lcov'],
  ['coverage.xml', 'xml'],
  ['coverage/coverage.xml', 'xml'],
  ['coverage/cobertura-coverage.xml', 'xml'],
  ['.coverage', 'data'],
];

const rounded = (percent: number): number | null =>
  Number.isFinite(percent) ? Math.round(percent * 100) / 100 : null;

function percentOfSummary(text: string): number | null {
  const parsed = JSON.parse(text) as { total?: { lines?: { pct?: unknown } } } | null;
  const pct = parsed?.total?.lines?.pct;
  return typeof pct === 'number' ? rounded(pct) : null;
}

function percentOfLcov(text: string): number | null {
  const sum = (field: string): number =>
    [...text.matchAll(new RegExp(`^${field}:(\\d+)`, 'gm'))].reduce(
      (total, match) => total + Number(match[1]),
      0,
    );
  const found = sum('LF');
  return found === 0 ? null : rounded((sum('LH') / found) * 100);
}

function percentOfXml(text: string): number | null {
  const rate = /<coverage\b[^>]*\bline-rate="([\d.]+)"/.exec(text)?.[1];
  return rate === undefined ? null : rounded(Number(rate) * 100);
}

/** The share of lines a coverage file tells; null where it does not. */
export function linesPercent(kind: Kind, text: string): number | null {
  try {
    switch (kind) {
      case 'summary':
        return percentOfSummary(text);
      case 'lcov':
        return percentOfLcov(text);
      case 'xml':
        return percentOfXml(text);
      case 'data':
        return null;
    }
  } catch {
    return null;
  }
}

/** A regular file inside the folder; a link that leads elsewhere is none of the folder's coverage. */
async function found(
  cwd: string,
  path: string,
): Promise<{ absolute: string; bytes: number; mtimeMs: number } | null> {
  try {
    const root = await realpath(cwd);
    const absolute = join(root, path);
    const stats = await lstat(absolute);
    const real = await realpath(absolute);
    return stats.isFile() && real.startsWith(root + sep)
      ? { absolute: real, bytes: stats.size, mtimeMs: stats.mtimeMs }
      : null;
  } catch {
    return null;
  }
}

/** The first coverage file there is, one that was written since `sinceMs` before an older one. Never rejects. */
export async function keepCoverage(
  cwd: string,
  { into, sinceMs }: { readonly into: string; readonly sinceMs: number },
): Promise<Coverage | null> {
  const all = await Promise.all(
    WELL_KNOWN.map(async ([path, kind]) => ({ path, kind, file: await found(cwd, path) })),
  );
  const there = all.flatMap(({ path, kind, file }) =>
    file === null ? [] : [{ path, kind, file, written: file.mtimeMs >= sinceMs - CLOCK_SLACK_MS }],
  );
  const best = there.find(({ written }) => written) ?? there[0];
  if (best === undefined) return null;
  const { path, kind, file, written } = best;
  const named = { kind, path, bytes: file.bytes, written };
  if (file.bytes > MAX_COVERAGE_BYTES) return { ...named, linesPercent: null, copy: null };
  const copy = join(into, basename(path));
  try {
    await mkdir(into, { recursive: true, mode: 0o700 });
    await using plain = await openPlain(file.absolute);
    await copyFile(openedPath(plain, file.absolute), copy);
    const text = kind === 'data' ? '' : await readFile(copy, 'utf8');
    return { ...named, linesPercent: linesPercent(kind, text), copy };
  } catch {
    return { ...named, linesPercent: null, copy: null };
  }
}
