import type { Goal, GoalEvent, PlanStep, ThreadItem } from '@goald/protocol';

/** Something a goal's agent is doing right now. */
export interface RunningItem {
  readonly label: string;
  readonly startedAtMs: number;
}

/** What the live line shows, and what is needed to understand the next input. */
export interface View {
  readonly goal: Goal | null;
  /** Number of the newest turn in its thread. */
  readonly turn: number;
  readonly turnOpen: boolean;
  readonly running: ReadonlyMap<string, RunningItem>;
  /** What the agent has said so far of messages still being written. */
  readonly saying: ReadonlyMap<string, string>;
  /** Details of calls in flight, for the line that is printed when they end. */
  readonly details: ReadonlyMap<string, string>;
  readonly files: ReadonlySet<string>;
  readonly verification: 'none' | 'running' | 'passed' | 'failed';
  readonly plan: readonly PlanStep[];
  readonly retry: { readonly atMs: number; readonly message: string } | null;
  readonly connected: boolean;
  readonly tokensUsed: number;
  readonly timeUsedMs: number;
  /** When timeUsedMs was right. */
  readonly timeAtMs: number;
}

export type LineKind = 'ok' | 'fail' | 'warn' | 'info' | 'say' | 'head';

/** One line of the transcript, with lines that belong under it. */
export interface TranscriptLine {
  readonly kind: LineKind;
  readonly text: string;
  readonly detail?: readonly string[];
}

export type ProgressInput =
  | { readonly kind: 'event'; readonly event: GoalEvent }
  | { readonly kind: 'goal'; readonly goal: Goal | null; readonly atMs: number }
  | { readonly kind: 'itemStarted'; readonly item: ThreadItem; readonly atMs: number }
  | { readonly kind: 'messageDelta'; readonly itemId: string; readonly delta: string }
  | { readonly kind: 'connection'; readonly connected: boolean };

export interface Step {
  readonly view: View;
  readonly lines: readonly TranscriptLine[];
}

/** The view before anything is known but the goal. */
export function initialView(goal: Goal | null, atMs: number): View {
  return {
    goal,
    turn: goal?.turnsUsed ?? 0,
    turnOpen: false,
    running: new Map(),
    saying: new Map(),
    details: new Map(),
    files: new Set(),
    verification: 'none',
    plan: [],
    retry: null,
    connected: true,
    tokensUsed: goal?.tokensUsed ?? 0,
    timeUsedMs: (goal?.timeUsedSeconds ?? 0) * 1000,
    timeAtMs: atMs,
  };
}
