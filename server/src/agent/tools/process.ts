import { open } from 'node:fs/promises';
import * as z from 'zod';
import type { BackgroundProcess } from '../../engine/ports/background.js';
import type { ToolContext, ToolResult } from '../../engine/ports/tools.js';
import type { OutputFiles } from './output-files.js';
import { numberOf, processNumber } from './process-number.js';
import { ToolError, errorCode } from './tool-error.js';
import { defineTool, type Tool } from './tool.js';

/** Most of the output read at once; the end counts most. */
const MAX_READ_BYTES = 256 * 1024;

const schema = z.strictObject({
  process_id: processNumber,
  action: z.enum(['poll', 'kill']),
});

interface NewOutput {
  readonly text: string;
  /** Bytes between what was read before and `text`. */
  readonly skipped: number;
  readonly end: number;
}

/** How many bytes at the end belong to a character that is not whole yet. */
function brokenTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

async function newOutput(process: BackgroundProcess): Promise<NewOutput> {
  const from = process.polledBytes;
  let file;
  try {
    file = await open(process.outputFile, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { text: '', skipped: 0, end: from };
    throw error;
  }
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - MAX_READ_BYTES);
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.max(0, size - start)),
      position: start,
    });
    const bytes = buffer.subarray(0, bytesRead);
    const whole = process.ended === null ? bytes.length - brokenTail(bytes) : bytes.length;
    return {
      text: bytes.subarray(0, whole).toString('utf8'),
      skipped: start - from,
      end: start + whole,
    };
  } finally {
    await file.close();
  }
}

function named(context: ToolContext, number: number): BackgroundProcess {
  const process = context.background.find(number);
  if (process !== undefined) return process;
  const running = context.background.running().map((one) => String(one.number));
  throw new ToolError(
    `process: there is no background process ${String(number)}. ${running.length === 0 ? 'None runs.' : `Running: ${running.join(', ')}.`}`,
  );
}

async function report(context: ToolContext, process: BackgroundProcess): Promise<ToolResult> {
  const { text, skipped, end } = await newOutput(process);
  context.background.polled(process.number, end);
  const standing = process.ended ?? 'still runs';
  const gap =
    skipped === 0 ? '' : `[… ${String(skipped)} bytes before this: ${process.outputFile}]\n`;
  const output = text === '' ? '(no new output)' : `New output:\n${gap}${text}`;
  return { output: `Process ${String(process.number)} ${standing}. ${output}`, success: true };
}

/** `process`: reads or ends what shell started in the background. */
export function processTool(outputs: OutputFiles): Tool {
  return defineTool(
    {
      name: 'process',
      description: 'Poll a background process for new output and how it ended, or kill it.',
      schema,
      readOnly: true,
      run: async (args, context) => {
        const number = numberOf(args.process_id);
        const found = named(context, number);
        const process =
          args.action === 'kill' ? ((await context.background.kill(number)) ?? found) : found;
        return report(context, process);
      },
    },
    outputs,
  );
}
