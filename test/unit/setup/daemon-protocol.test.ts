import { describe, expect, it } from 'vitest';
import { withoutUnused } from '../../../.ci/setup/daemon-protocol.mjs';

const MODULE = `
export const built = [];
const schema = (name) => ({ name: built.push(name) && name });
const defineRequest = (message) => message;
const defineNotification = (message) => message;
export const shared = schema('shared');
export const asked = defineRequest({
    method: 'asked',
    params: schema('params'),
    result: schema('result'),
    errors: [],
});
export const asks = defineRequest({
    method: 'asks',
    direction: 'serverToClient',
    params: schema('question'),
    result: schema('answer'),
});
export const told = defineNotification({ method: 'told', params: schema('told') });
export const other = schema({ result: 1 }.result + ' is no message');
`;

interface Module {
  readonly built: readonly string[];
  readonly asked: object;
  readonly asks: object;
  readonly told: object;
}

const run = async (text: string): Promise<Module> =>
  (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as Module;

describe('the protocol of a daemon', () => {
  it('builds the schemas of what clients send, and none of what the daemon sends', async () => {
    expect((await run(MODULE)).built).toEqual([
      'shared',
      'params',
      'result',
      'question',
      'answer',
      'told',
      '1 is no message',
    ]);
    const { built, asked, asks, told } = await run(withoutUnused(MODULE));
    expect(built).toEqual(['shared', 'params', 'answer', '1 is no message']);
    expect(asked).toEqual({ method: 'asked', params: { name: 'params' }, errors: [] });
    const answer = { name: 'answer' };
    expect(asks).toEqual({ method: 'asks', direction: 'serverToClient', result: answer });
    expect(told).toEqual({ method: 'told' });
  });

  it('tells the bundler that what has a name may be left out, and nothing else', () => {
    const text = withoutUnused(
      'f();\nexport const a = f();\nexport const b = 1;\nlet c = [f()];\n',
    );
    expect(text).toBe(
      'f();\nexport const a = /* @__PURE__ */ (() => f())();\nexport const b = 1;\nlet c = [f()];\n',
    );
  });
});
