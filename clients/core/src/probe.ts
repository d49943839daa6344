import { request } from 'node:http';

/** What an HTTP question over a Unix socket brought back. */
export interface ProbeAnswer {
  readonly status: number;
  readonly body: string;
}

/** Asks `GET path` over the Unix socket. null when nobody listens there or no answer came in time; never rejects. */
export function probe(
  socketPath: string,
  path: '/healthz' | '/readyz',
  timeoutMs: number,
): Promise<ProbeAnswer | null> {
  return new Promise((resolve) => {
    const question = request(
      { socketPath, path, headers: { host: 'localhost' }, agent: false, timeout: timeoutMs },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          if (body.length < 65_536) body += piece;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body });
        });
        response.on('error', () => {
          resolve(null);
        });
      },
    );
    question.on('timeout', () => {
      question.destroy(new Error('timeout'));
    });
    question.on('error', () => {
      resolve(null);
    });
    question.end();
  });
}

/** The process id a daemon's /healthz names, or null. */
export function pidOf(answer: ProbeAnswer): number | null {
  let value: unknown;
  try {
    value = JSON.parse(answer.body);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('pid' in value)) return null;
  return typeof value.pid === 'number' && Number.isInteger(value.pid) ? value.pid : null;
}
