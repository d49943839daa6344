import { NotificationHold } from '@goald/server/rpc/notification-hold.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function recorded(): { hold: NotificationHold; sent: string[] } {
  const sent: string[] = [];
  return { hold: new NotificationHold((data) => sent.push(data.toString())), sent };
}

describe('holding notifications back', () => {
  it('nothing is held while no request may have caused it', () => {
    const { hold, sent } = recorded();
    hold.push('a');
    expect(sent).toEqual(['a']);
    expect(hold.bytes).toBe(0);
  });

  it('a later request does not keep back what came before it', () => {
    const { hold, sent } = recorded();
    const first = hold.hold();
    hold.push('a');
    const second = hold.hold();
    hold.push('b');
    hold.release(first);
    expect(sent).toEqual(['a']);
    hold.release(second);
    expect(sent).toEqual(['a', 'b']);
  });

  it('a later request that ends first does not let anything overtake', () => {
    const { hold, sent } = recorded();
    const first = hold.hold();
    hold.push('a');
    const second = hold.hold();
    hold.push('b');
    hold.release(second);
    hold.push('c');
    expect(sent).toEqual([]);
    hold.release(first);
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('counts bytes, not characters, and says when little is left', async () => {
    const { hold } = recorded();
    const open = hold.hold();
    hold.push('é');
    expect(hold.bytes).toBe(2);
    await hold.drained();
    hold.push(Buffer.alloc(64 * 1024));
    let drained = false;
    const waiting = hold.drained().then(() => (drained = true));
    await Promise.resolve();
    expect(drained).toBe(false);
    hold.release(open);
    await waiting;
    expect(hold.bytes).toBe(0);
  });

  it('clear drops what is held and lets waiters go', async () => {
    const { hold, sent } = recorded();
    hold.hold();
    hold.push(Buffer.alloc(100_000));
    const waiting = hold.drained();
    hold.clear();
    await waiting;
    expect([sent, hold.bytes]).toEqual([[], 0]);
  });

  it('order is kept, each waits for all that were open when it came, and none is lost', () => {
    const step = fc.oneof(
      fc.constant({ kind: 'hold' as const }),
      fc.constant({ kind: 'push' as const }),
      fc.record({ kind: fc.constant('release' as const), which: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { hold, sent } = recorded();
        const open: number[] = [];
        const waitsFor: number[][] = [];
        const check = (): void => {
          expect(sent).toEqual(sent.map((_text, index) => String(index)));
          for (const text of sent) {
            expect((waitsFor[Number(text)] ?? []).filter((id) => open.includes(id))).toEqual([]);
          }
        };
        for (const next of steps) {
          if (next.kind === 'hold') open.push(hold.hold());
          else if (next.kind === 'push') {
            waitsFor.push([...open]);
            hold.push(String(waitsFor.length - 1));
          } else {
            const [released] = open.splice(next.which % Math.max(1, open.length), 1);
            if (released !== undefined) hold.release(released);
          }
          check();
        }
        for (const id of open.splice(0)) hold.release(id);
        expect(sent).toHaveLength(waitsFor.length);
      }),
    );
  });
});
