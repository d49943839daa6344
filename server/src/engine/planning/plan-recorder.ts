import type { Tx } from '../../store/store.js';
import type { HistoryEntry } from '../ports/model.js';
import { StreamedItem, type RecorderOptions } from '../streamed-item.js';
import { PlanSplitter, splitPlan, type PlanPiece } from './plan-splitter.js';

/** Makes two items of what the model says in a turn that plans: its plan, and the words around it. */
export class PlanRecorder {
  readonly #options: RecorderOptions;
  #splitter = new PlanSplitter();
  /** Pieces that are not among the items yet, and the event they came with. */
  #pieces: PlanPiece[] = [];
  #event: object | null = null;
  #message: StreamedItem | null = null;
  #plan: StreamedItem | null = null;
  /** All that was said, with tags: what the model reads of it later. */
  #said = '';
  /** Blanks before the first word: a plan alone has no message beside it. */
  #blanks = '';

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** May be called again with the same event after the store refused to take it. */
  grow(event: { readonly delta: string }): void {
    this.#cut(event, () => {
      this.#said += event.delta;
      return this.#splitter.push(event.delta);
    });
  }

  /** The words are whole. May be called again, as `grow`. */
  close(event: { readonly text: string }): void {
    this.#cut(event, () => this.#splitter.end());
    const { store, turn, requestId } = this.#options;
    const { text, plan } = splitPlan(event.text);
    const shows = this.#message !== null || text.trim() !== '';
    const history: HistoryEntry[] = [
      { kind: 'assistant', responseId: requestId, text: event.text },
    ];
    store.write(turn, (tx) => {
      if (plan !== null) this.#end(tx, this.#plan, 'plan', plan, shows ? [] : history);
      if (shows) this.#end(tx, this.#message, 'text', text, history);
    });
    this.#clear();
  }

  /** Ends what is still open, with what came so far. `keep` leaves it in the model's history. */
  endOpen(tx: Tx, keep: boolean): void {
    const message = this.#message;
    const plan = this.#plan;
    if (message === null && plan === null) return;
    tx.onCommit(() => {
      this.#clear();
    });
    const { requestId: responseId } = this.#options;
    const history: HistoryEntry[] = keep
      ? [{ kind: 'assistant', responseId, text: this.#said }]
      : [];
    if (plan !== null) this.#end(tx, plan, 'plan', plan.text, message === null ? history : []);
    if (message !== null) this.#end(tx, message, 'text', message.text, history);
  }

  #end(
    tx: Tx,
    open: StreamedItem | null,
    kind: 'text' | 'plan',
    text: string,
    history: readonly HistoryEntry[],
  ): void {
    const { store, turn, requestId } = this.#options;
    if (open !== null) store.completeItem(tx, turn, open.wireOf(text), history);
    else {
      const wire = new StreamedItem(kind, this.#options).wireOf(text);
      store.addItem(tx, turn, { wire, history, requestId });
    }
  }

  #clear(): void {
    this.#splitter = new PlanSplitter();
    this.#pieces = [];
    this.#message = null;
    this.#plan = null;
    this.#said = '';
    this.#blanks = '';
  }

  /** Each event is cut once, and each of its pieces taken once. */
  #cut(event: object, pieces: () => readonly PlanPiece[]): void {
    if (this.#event !== event) {
      this.#pieces.push(...pieces());
      this.#event = event;
    }
    for (let piece = this.#pieces[0]; piece !== undefined; piece = this.#pieces[0]) {
      this.#take(piece);
      this.#pieces.shift();
    }
  }

  #take(piece: PlanPiece): void {
    if (piece.kind === 'text') this.#say(piece.text);
    else if (piece.kind === 'plan') this.#planned().grow(piece.text);
    else this.#planned().restart();
  }

  #say(text: string): void {
    if (this.#message === null && text.trim() === '') {
      this.#blanks += text;
      return;
    }
    this.#message ??= this.#opened('text');
    this.#message.grow(this.#blanks + text);
    this.#blanks = '';
  }

  #planned(): StreamedItem {
    this.#plan ??= this.#opened('plan');
    return this.#plan;
  }

  #opened(kind: 'text' | 'plan'): StreamedItem {
    const { store, turn } = this.#options;
    const item = new StreamedItem(kind, this.#options);
    store.write(turn, (tx) => {
      item.openIn(tx);
    });
    return item;
  }
}
