/** Tokens as people read them: 950, 12.3k, 1.5M. */
export function formatTokens(tokens: number): string {
  if (tokens < 1000) return String(Math.round(tokens));
  if (tokens < 999_950) return `${trimZero((tokens / 1000).toFixed(1))}k`;
  return `${trimZero((tokens / 1e6).toFixed(2).replace(/0$/u, ''))}M`;
}

/** US dollars as people read them: $12.50, $0.07; what is less than a cent keeps two digits that say something: $0.0042. */
export function formatUsd(usd: number): string {
  if (usd === 0 || Math.abs(usd) >= 0.01) return `$${usd.toFixed(2)}`;
  return `$${trimZero(usd.toFixed(Math.min(9, 1 - Math.floor(Math.log10(Math.abs(usd))))))}`;
}

/** A length of time: 340ms, 4.2s, 3m 12s, 2h 05m. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${String(Math.max(0, Math.round(ms)))}ms`;
  if (ms < 59_950) return `${trimZero((ms / 1000).toFixed(1))}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))}m ${pad(seconds % 60)}s`;
  const minutes = Math.floor(seconds / 60);
  return `${String(Math.floor(minutes / 60))}h ${pad(minutes % 60)}m`;
}

/** A running clock without tenths, so that a live line stays calm: 4s, 3m 12s. */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${String(seconds)}s` : formatDuration(seconds * 1000);
}

/** A moment in this machine's time: 14:05, or with its date when that is another than the date of `fromMs`. */
export function formatMoment(atMs: number, fromMs: number): string {
  const moment = new Date(atMs);
  const date = [moment.getFullYear(), pad(moment.getMonth() + 1), pad(moment.getDate())].join('-');
  const time = `${pad(moment.getHours())}:${pad(moment.getMinutes())}`;
  return moment.toDateString() === new Date(fromMs).toDateString() ? time : `${date} ${time}`;
}

/** How long ago, roughly: just now, 5m ago, 3h ago, 2d ago. */
export function formatAgo(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${String(minutes)}m ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)}h ago` : `${String(Math.floor(hours / 24))}d ago`;
}

/** A small bar, `cells` wide, filled by used / limit. */
export function formatBar(used: number, limit: number, cells = 8): string {
  const share = limit <= 0 ? 1 : Math.min(1, Math.max(0, used / limit));
  const full = Math.round(share * cells);
  return '█'.repeat(full) + '░'.repeat(cells - full);
}

/** `1 file`, `3 files`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${String(count)} ${count === 1 ? noun : many}`;
}

/** The end of an id: enough to tell goals apart, and commands take it. */
export function shortId(id: string): string {
  return id.length <= 8 ? id : id.slice(-8);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}

function trimZero(text: string): string {
  return text.replace(/\.0*$/u, '');
}
