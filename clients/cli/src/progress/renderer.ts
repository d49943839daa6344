import type { View } from './view.js';
import type { TranscriptLine } from './view.js';

/** Shows a goal's progress. Disposing it leaves the screen clean, with the transcript in place. */
export interface Renderer extends AsyncDisposable {
  /** Takes the newest view, and the lines to add to the transcript. */
  update(view: View, lines: readonly TranscriptLine[]): Promise<void>;
  /** Leaves the screen to somebody else until what it answers is disposed. Not to be updated meanwhile. */
  hold(): Promise<AsyncDisposable>;
}
