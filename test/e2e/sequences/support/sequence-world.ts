import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { requests, type ConfigInput, type GoalStatus } from '@goald/protocol';
import { expect } from 'vitest';
import { eventually } from '../../../helpers/eventually.js';
import { startModelServer, type ModelServer } from '../../../helpers/model-server/index.js';
import { RpcClient } from '../../../helpers/rpc/rpc-client.js';
import { tempFolder, type TempFolder } from '../../../helpers/temp-folder.js';
import { expectBillCovered } from '../../crash/support/check-bill.js';
import { expectStoreConsistent } from '../../crash/support/check-store.js';
import type { Action, Sequence } from './actions.js';
import { expectRulesKept } from './check-rules.js';
import { Life } from './life.js';
import { processesAlive } from './processes.js';
import { ScriptedMind } from './scripted-mind.js';
import { UserActions } from './user-actions.js';

const CONFIG: ConfigInput = {
  engine: { noProgressDelaysMs: [1000, 5000], stopGraceMs: 200, watchdogSeconds: 30 },
  limits: { maxTurns: 20 },
  store: { backupEveryHours: 0 },
};
const START_MS = 1_700_000_000_000;
const STEP_MS = 31_000;

/** Where the goal and its turns stand, read from the store. */
interface Standing {
  readonly status: GoalStatus | null;
  readonly nextActionAtMs: number | null;
  readonly turnRuns: boolean;
}

interface Parts {
  readonly folder: TempFolder;
  readonly mind: ScriptedMind;
  readonly model: ModelServer;
  readonly threadId: string;
  readonly life: Life;
  readonly client: RpcClient;
}

/** One thread with a goal, a daemon that dies and comes back, and all that happens to them. */
export class SequenceWorld implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #user: UserActions;
  #life: Life;
  #client: RpcClient;
  /** What subscribers were told, by seq, over all lives. */
  readonly #heard = new Map<number, unknown>();

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#life = parts.life;
    this.#client = parts.client;
    this.#user = new UserActions(parts.threadId);
  }

  static async open({ moves }: Sequence): Promise<SequenceWorld> {
    const folder = await tempFolder();
    const home = join(folder.path, 'h');
    mkdirSync(home);
    writeFileSync(join(home, 'config.json'), JSON.stringify(CONFIG));
    const cwd = join(folder.path, 'w');
    mkdirSync(cwd);
    const mind = new ScriptedMind(moves, waitCommand(folder));
    const model = await startModelServer({ script: mind.script });
    const life = await Life.start({ home, modelUrl: model.url, nowMs: START_MS });
    await life.observe(0);
    const client = await RpcClient.connect(life.endpoint, undefined, 'person');
    const { thread } = await client.request(requests.threadStart, { cwd });
    return new SequenceWorld({ folder, mind, model, threadId: thread.id, life, client });
  }

  async do(action: Action, settles: boolean): Promise<void> {
    switch (action.kind) {
      case 'release':
        this.#parts.mind.release();
        break;
      case 'reconnect':
        this.#remember();
        await this.#life.observe(this.#lastSeq);
        break;
      case 'clock':
        this.#life.clock.advance(action.ms);
        break;
      case 'crash':
        this.#life.kill();
        break;
      case 'crashAt':
        this.#life.armKill(action.place);
        break;
      case 'restart':
        await this.#live();
        break;
      default:
        await this.#act(action);
    }
    if (settles) await this.#settle();
    if (this.#life.killed) await this.#live();
  }

  /** Lets everything come to its end, stops the daemon and holds what is left against the invariants. */
  async finishAndCheck(): Promise<void> {
    const { folder, mind, model } = this.#parts;
    this.#life.disarm();
    mind.finish();
    writeFileSync(endFile(folder), '');
    await eventually('the goal is at its end', async () => {
      if (this.#life.killed) await this.#live();
      const { status, turnRuns } = this.#standing();
      if (status !== 'active' && !turnRuns) return true;
      this.#life.clock.advance(STEP_MS);
      return false;
    });
    // Else it would go on by itself when its limit is reset.
    if (this.#standing().status === 'usageLimited') {
      const { threadId } = this.#parts;
      await this.#client.request(requests.threadGoalPause, { threadId, origin: 'user' });
    }
    // The watchdog looks once more at what it should find in order.
    this.#life.clock.advance(STEP_MS);
    const { headSeq } = await this.#client.request(requests.goalSubscribe, {});
    await eventually('the subscriber was told everything', () => this.#told(headSeq));
    await this.#endLife();
    expect([...this.#heard.keys()], 'each event once, in order').toEqual(
      Array.from({ length: headSeq }, (_, index) => index + 1),
    );
    expectStoreConsistent(this.#database, this.#heard);
    expectBillCovered(this.#database, model.bill());
    expectRulesKept(this.#database);
    expect(await processesAlive(pidFile(folder)), 'processes of turns that are over').toEqual([]);
    expect(await this.#incidents()).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    writeFileSync(endFile(this.#parts.folder), '');
    this.#parts.mind.finish();
    await this.#client[Symbol.asyncDispose]();
    await this.#life.end();
    await this.#parts.model[Symbol.asyncDispose]();
    await this.#parts.folder[Symbol.asyncDispose]();
  }

  get #home(): string {
    return join(this.#parts.folder.path, 'h');
  }

  get #database(): string {
    return join(this.#home, 'goald.db');
  }

  get #lastSeq(): number {
    return Math.max(0, ...this.#heard.keys());
  }

  /** What a person asks for. After a crash they ask again, with the same key. */
  async #act(action: Parameters<UserActions['run']>[1]): Promise<void> {
    const key = this.#user.newKey();
    const stops = action.kind === 'pause' || action.kind === 'clear' || action.kind === 'interrupt';
    for (;;) {
      const life = this.#life;
      const answered = await this.#user.run(this.#client, action, key).catch((error: unknown) => {
        if (life.killed) return false;
        throw error;
      });
      if (!life.killed) {
        if (stops && answered) await this.#expectStopped();
        return;
      }
      await this.#live();
    }
  }

  /** Stop is final: the turn ends with all its processes, and the model is not asked again. */
  async #expectStopped(): Promise<void> {
    await eventually('the turn has ended', () => !this.#standing().turnRuns || this.#life.killed);
    if (this.#life.killed) return;
    expect(
      await processesAlive(pidFile(this.#parts.folder)),
      'processes of a stopped turn',
    ).toEqual([]);
    const asked = this.#parts.model.requests.length;
    this.#life.clock.advance(STEP_MS);
    await breathe();
    expect(this.#standing()).toMatchObject({ turnRuns: false });
    expect(this.#parts.model.requests, 'requests after a stop').toHaveLength(asked);
  }

  /** Until the goal waits for the clock, for the model or for a person: active means moving. */
  async #settle(): Promise<void> {
    await eventually('an active goal moves', () => {
      if (this.#life.killed) return true;
      const { status, nextActionAtMs, turnRuns } = this.#standing();
      return status !== 'active' || turnRuns || (nextActionAtMs ?? 0) > this.#life.clock.now();
    });
    await breathe();
  }

  /** Ends this life, if it has not been killed, and begins the next. */
  async #live(): Promise<void> {
    const nowMs = this.#life.clock.now();
    await this.#endLife();
    this.#life = await Life.start({ home: this.#home, modelUrl: this.#parts.model.url, nowMs });
    await this.#life.observe(this.#lastSeq);
    this.#client = await RpcClient.connect(this.#life.endpoint, undefined, 'person');
  }

  async #endLife(): Promise<void> {
    await this.#life.end();
    this.#remember();
    await this.#client[Symbol.asyncDispose]();
  }

  #told(headSeq: number): boolean {
    this.#remember();
    return this.#lastSeq >= headSeq;
  }

  #remember(): void {
    for (const event of this.#life.takeHeard()) {
      expect(event.seq, 'seq follows seq').toBe(this.#lastSeq + 1);
      this.#heard.set(event.seq, event);
    }
  }

  #standing(): Standing {
    const db = new Database(this.#database, { readonly: true });
    try {
      const goal = db
        .prepare<[], { status: GoalStatus; next_action_at_ms: number | null }>(
          'SELECT status, next_action_at_ms FROM goal WHERE ended_at_ms IS NULL',
        )
        .get();
      const turn = db.prepare("SELECT id FROM turn WHERE status = 'inProgress'").get();
      return {
        status: goal?.status ?? null,
        nextActionAtMs: goal?.next_action_at_ms ?? null,
        turnRuns: turn !== undefined,
      };
    } finally {
      db.close();
    }
  }

  /** Defects the last daemon noticed itself, such as a goal that stood still. */
  async #incidents(): Promise<string[]> {
    const log = join(this.#home, 'logs', 'goald.log');
    if (!existsSync(log)) throw new Error('The daemon wrote no log.');
    return (await readFile(log, 'utf8')).split('\n').filter((line) => line.includes('"incident'));
  }
}

function endFile(folder: TempFolder): string {
  return join(folder.path, 'end');
}

function pidFile(folder: TempFolder): string {
  return join(folder.path, 'pids');
}

/** Runs until the sequence is over, or until it is killed. */
function waitCommand(folder: TempFolder): string {
  return `echo $$ >> ${pidFile(folder)}; while [ ! -e ${endFile(folder)} ]; do sleep 0.05; done`;
}

/** What is under way in this process gets a little further. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 15);
  });
}
