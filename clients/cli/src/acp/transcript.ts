import type { SessionUpdate, ToolCall, ToolCallUpdate } from '@agentclientprotocol/sdk';
import { type PlanStep, planStepSchema, type ThreadItem } from '@goald/protocol';
import { EventData } from '../progress/event-data.js';
import { blocksOf } from './said-blocks.js';
import { outputContent, SHOWN_CHARS, toolCallOf } from './tool-calls.js';

/** How often the output of a running command is sent anew, in milliseconds. */
const OUTPUT_EVERY_MS = 400;

export type UserMessage = Extract<ThreadItem, { type: 'userMessage' }>;
type Chunk = 'agent_message_chunk' | 'agent_thought_chunk';

interface OpenItem {
  /** Text the editor has of it. */
  sent: string;
  /** Number of the part of a reasoning summary that was heard last. */
  part: number;
  /** Its pieces may overlap what the editor has: the rest is sent when it ends. */
  torn: boolean;
  output: string;
  timer: NodeJS.Timeout | null;
  /** What the editor was told of it, where it is a tool call. */
  call: ToolCall | null;
}

/** What editors show between two texts. */
const ENDS_SAYING: ReadonlySet<SessionUpdate['sessionUpdate']> = new Set([
  'user_message_chunk',
  'tool_call',
  'plan',
]);

export interface TranscriptOptions {
  readonly emit: (update: SessionUpdate) => void;
  /** Absolute folder of the thread. */
  readonly cwd: string;
  /** Whether the editor itself shows this message of the user already. */
  readonly knows: (item: UserMessage) => boolean;
}

/** Turns the items of a thread into updates of a session. Each item is told once, however often and by whichever way it is heard of. */
export class Transcript implements Disposable {
  readonly #options: TranscriptOptions;
  readonly #open = new Map<string, OpenItem>();
  readonly #done = new Set<string>();
  /** What the newest chunk belongs to; other text is set apart from it. */
  #saying: string | null = null;

  constructor(options: TranscriptOptions) {
    this.#options = options;
  }

  started(item: ThreadItem): void {
    if (this.#done.has(item.id) || this.#open.has(item.id)) return;
    const open = this.#begin(item.id);
    open.call = toolCallOf(item, this.#options.cwd);
    if (open.call !== null) this.#send({ sessionUpdate: 'tool_call', ...open.call });
  }

  messageDelta(itemId: string, text: string): void {
    this.#piece('agent_message_chunk', itemId, text);
  }

  thoughtDelta(itemId: string, text: string, part: number): void {
    const before = this.#open.get(itemId);
    const apart = before !== undefined && before.sent !== '' && before.part !== part;
    this.#piece('agent_thought_chunk', itemId, apart ? `\n\n${text}` : text);
    const open = this.#open.get(itemId);
    if (open !== undefined) open.part = part;
  }

  outputDelta(itemId: string, text: string): void {
    const open = this.#open.get(itemId);
    if (open === undefined) return;
    open.output = (open.output + text).slice(-SHOWN_CHARS);
    open.timer ??= setTimeout(() => {
      open.timer = null;
      const content = outputContent(open.output);
      this.#send({ sessionUpdate: 'tool_call_update', toolCallId: itemId, content });
    }, OUTPUT_EVERY_MS);
  }

  completed(item: ThreadItem): void {
    if (this.#done.has(item.id)) return;
    const known = this.#open.get(item.id);
    this.#end(item.id);
    switch (item.type) {
      case 'userMessage':
        if (!this.#options.knows(item)) this.#user(item);
        return;
      case 'agentMessage':
      case 'plan':
        this.#rest('agent_message_chunk', item.id, known?.sent ?? '', item.text);
        return;
      case 'reasoning':
        this.#rest('agent_thought_chunk', item.id, known?.sent ?? '', item.summary.join('\n\n'));
        return;
      default:
        this.#call(item, known !== undefined);
    }
  }

  /** An item as it was read from the store: whole, or with what there was of it. Pieces of it that come later may be in it already. */
  read(item: ThreadItem, done: boolean): void {
    if (done) {
      this.completed(item);
      return;
    }
    this.started(item);
    const open = this.#open.get(item.id);
    if (open === undefined) return;
    open.torn = true;
    if (item.type !== 'agentMessage' && item.type !== 'plan') return;
    if (!item.text.startsWith(open.sent)) return;
    this.#chunk('agent_message_chunk', item.id, item.text.slice(open.sent.length));
    open.sent = item.text;
  }

  /** An open tool call as the editor was told of it; of another only the id is known. */
  callOf(itemId: string): ToolCallUpdate {
    return this.#open.get(itemId)?.call ?? { toolCallId: itemId };
  }

  /** The editor is not told of this item. */
  skip(itemId: string): void {
    this.#end(itemId);
  }

  /** The connection was lost: what is being written has pieces that were never heard. */
  tear(): void {
    for (const open of this.#open.values()) open.torn = true;
  }

  /** Something goald says itself. `id` is the same whenever it says it. */
  note(id: string, markdown: string): void {
    this.#chunk('agent_message_chunk', `note-${id}`, markdown);
  }

  /** The editor shows a message of its user now: what is said next stands below that. */
  answersNext(): void {
    this.#saying = null;
  }

  plan(steps: readonly PlanStep[]): void {
    this.#send({
      sessionUpdate: 'plan',
      entries: steps.map(({ step, status }) => ({
        content: step,
        priority: 'medium',
        status: status === 'inProgress' ? 'in_progress' : status,
      })),
    });
  }

  update(update: SessionUpdate): void {
    this.#send(update);
  }

  [Symbol.dispose](): void {
    for (const id of [...this.#open.keys()]) this.#end(id);
  }

  #begin(itemId: string): OpenItem {
    const open: OpenItem = { sent: '', part: 0, torn: false, output: '', timer: null, call: null };
    this.#open.set(itemId, open);
    return open;
  }

  #end(itemId: string): void {
    const timer = this.#open.get(itemId)?.timer ?? null;
    if (timer !== null) clearTimeout(timer);
    this.#open.delete(itemId);
    this.#done.add(itemId);
  }

  #piece(kind: Chunk, itemId: string, text: string): void {
    if (this.#done.has(itemId)) return;
    const open = this.#open.get(itemId) ?? this.#begin(itemId);
    if (open.torn) return;
    open.sent += text;
    this.#chunk(kind, itemId, text);
  }

  /** Of a text that is whole now, what the editor does not have. */
  #rest(kind: Chunk, itemId: string, sent: string, whole: string): void {
    if (whole.startsWith(sent)) this.#chunk(kind, itemId, whole.slice(sent.length));
    else this.#chunk(kind, `${itemId}-whole`, whole);
  }

  #chunk(kind: Chunk, messageId: string, text: string): void {
    if (text === '') return;
    const saying = `${kind} ${messageId}`;
    // Editors that do not know message ids put chunks of one kind together without a gap.
    const apart = this.#saying !== null && this.#saying !== saying && this.#saying.startsWith(kind);
    const content = { type: 'text' as const, text: apart ? `\n\n${text}` : text };
    this.#send({ sessionUpdate: kind, content, messageId });
    this.#saying = saying;
  }

  #user(item: UserMessage): void {
    for (const content of blocksOf(item.content)) {
      this.#send({ sessionUpdate: 'user_message_chunk', content, messageId: item.id });
    }
  }

  #call(item: ThreadItem, begun: boolean): void {
    if (item.type === 'dynamicToolCall' && item.tool === 'update_plan') {
      if (item.status === 'completed') this.plan(plannedIn(item.arguments));
      return;
    }
    const call = toolCallOf(item, this.#options.cwd);
    if (call === null) return;
    if (begun) this.#send({ sessionUpdate: 'tool_call_update', ...call });
    else this.#send({ sessionUpdate: 'tool_call', ...call });
  }

  #send(update: SessionUpdate): void {
    if (ENDS_SAYING.has(update.sessionUpdate)) this.#saying = null;
    this.#options.emit(update);
  }
}

const MODEL_STATUSES: Readonly<Record<string, PlanStep['status']>> = {
  in_progress: 'inProgress',
};

/** The plan as the model wrote it in a call. */
function plannedIn(args: unknown): readonly PlanStep[] {
  const data = new EventData(args);
  return data.list('steps').flatMap((step) => {
    const status = step.text('status') ?? 'pending';
    const parsed = planStepSchema.safeParse({
      step: step.text('step'),
      status: MODEL_STATUSES[status] ?? status,
    });
    return parsed.success ? [parsed.data] : [];
  });
}
