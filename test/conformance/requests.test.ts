import { findRequest } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { says } from '../helpers/model-server/index.js';
import { GOOD } from './support/good-requests.js';
import type { Answer } from './support/raw-client.js';
import { ReferenceSchema } from './support/reference-schema.js';
import { whyDifferent } from './support/request-differences.js';
import { conformanceRun } from './support/run-options.js';
import { samplesOf, type Sample } from './support/samples.js';
import { serveBoth, type Served } from './support/servers.js';

const { program, schemas } = conformanceRun();
const schema = new ReferenceSchema(schemas);
const served = [...schema.requests.keys()].filter((method) => findRequest(method) !== undefined);

let both: Awaited<ReturnType<typeof serveBoth>>;
beforeAll(async () => {
  both = await serveBoth(program, () => () => says('That is all.'));
});
afterAll(async () => {
  await both[Symbol.asyncDispose]();
});

/** What a server answers to a request; one about a thread has a thread, and a goal, of its own. */
async function answer(at: Served, method: string, { params }: Sample): Promise<Answer> {
  const { repository, client } = at;
  const asked = JSON.stringify(params).replaceAll('$CWD', repository);
  if (!asked.includes('$THREAD')) return client.call(method, JSON.parse(asked));
  const { thread } = await client.result('thread/start', { cwd: repository });
  const { id } = thread as { id: string };
  await client.result('thread/goal/set', { threadId: id, objective: 'Wait.', status: 'paused' });
  return client.call(method, JSON.parse(asked.replaceAll('$THREAD', id)));
}

/** The fields of a request that goald reads. */
function fieldsOf(method: string): ReadonlySet<string> {
  const params: unknown = findRequest(method)?.params;
  return new Set(params instanceof z.ZodObject ? Object.keys(params.shape) : []);
}

/** Invalid params have a number of their own here; the reference gives them that of an invalid request. */
const number = ({ error }: Answer): number | 'accepted' =>
  error === undefined ? 'accepted' : error.code === -32602 ? -32600 : error.code;

describe('requests that the reference serves, too, are accepted or refused as it does', () => {
  it('each of them has a sample', () => {
    expect(served.filter((method) => !(method in GOOD))).toEqual([]);
  });

  it.each(Object.keys(GOOD))('%s', async (method) => {
    const different: string[] = [];
    for (const sample of samplesOf(schema.params(method), GOOD[method] ?? {}, fieldsOf(method))) {
      const [ours, theirs] = await Promise.all([
        answer(both.goald, method, sample),
        answer(both.reference, method, sample),
      ]);
      if (number(ours) === number(theirs)) continue;
      if (whyDifferent(method, sample.name) !== null) continue;
      const [here, there] = [ours, theirs].map(
        ({ error }) => error?.message.slice(0, 160) ?? 'accepted',
      );
      different.push(`${sample.name}\n    goald: ${String(here)}\n    reference: ${String(there)}`);
    }
    expect(different, different.join('\n')).toEqual([]);
  });
});
