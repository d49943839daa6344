import { readFile } from 'node:fs/promises';
import { usageSchema } from '@goald/protocol';
import * as z from 'zod';
import { FINISH_REASONS, ModelError, type ModelEvent } from '../../engine/ports/model.js';

const blob = z.record(z.string(), z.unknown());
const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('textDelta'), delta: z.string() }),
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({
    type: z.literal('reasoningDelta'),
    delta: z.string(),
    summaryIndex: z.number().int(),
  }),
  z.object({ type: z.literal('reasoning'), summary: z.array(z.string()), opaque: blob.nullable() }),
  z.object({
    type: z.literal('toolCall'),
    callId: z.string().min(1),
    name: z.string(),
    arguments: z.string(),
  }),
  z.object({
    type: z.literal('completed'),
    finish: z.enum(FINISH_REASONS),
    usage: usageSchema.nullable(),
    serviceTier: z.string().nullable().optional(),
  }),
]);
const headSchema = z.object({
  kind: z.literal('goald-transcript'),
  version: z.literal(1),
  recordedWith: z.string().optional(),
});
const lineSchema = z.object({ events: z.array(eventSchema).min(1) });

/** The responses of a recorded model, in order. */
export type Transcript = readonly (readonly ModelEvent[])[];

/** Reads a transcript: JSON lines, one a response, after an optional head. Throws a permanent ModelError naming the bad line. */
export async function readTranscript(path: string): Promise<Transcript> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw broken(`the transcript ${path} cannot be read: ${messageOf(error)}`);
  }
  const responses: ModelEvent[][] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const value = parse(line, path, index);
    if (index === 0 && headSchema.safeParse(value).success) continue;
    const parsed = lineSchema.safeParse(value);
    if (!parsed.success) {
      throw broken(`${path}:${String(index + 1)} is no response: ${z.prettifyError(parsed.error)}`);
    }
    responses.push(parsed.data.events);
  }
  return responses;
}

function parse(line: string, path: string, index: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw broken(`${path}:${String(index + 1)} is not JSON: ${messageOf(error)}`);
  }
}

function broken(message: string): ModelError {
  return new ModelError({ kind: 'permanent', message: `replay: ${message}` });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
