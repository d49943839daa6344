import * as z from 'zod';
import { defineRequest } from '../define.js';
import { idSchema } from '../ids.js';
import { mutationParams, pageParams } from './common.js';

/** Marks a file as one of ours. */
export const EXPORT_FORMAT = 'goald-export';
/** Version of the format that is written; older ones are read, too. */
export const EXPORT_VERSION = 1;
/** Most rows of one thread/import. */
export const IMPORT_PAGE_ROWS = 1000;

/** One line of an export. The daemon checks each kind by a schema of its own. */
const exportRowSchema = z.record(z.string(), z.unknown());
export type ExportRow = z.infer<typeof exportRowSchema>;

export const threadExport = defineRequest({
  method: 'thread/export',
  summary:
    'One thread with its goals, turns, items and charges as rows, 500 a page. A turn in flight is left out.',
  params: z.object({ threadId: idSchema, ...pageParams }),
  result: z.object({
    rows: z
      .array(exportRowSchema)
      .describe('The first one of all is the header, the last one the end'),
    nextCursor: z.string().nullable(),
  }),
  errors: ['thread_not_found'],
});

export const importedThreadSchema = z.object({
  threadId: idSchema,
  exportedAs: idSchema.describe('Its id in the file: the same where that was free here'),
  cwd: z.string(),
  cwdExists: z.boolean(),
  goalIds: z.array(idSchema).describe('Past ones too; one that was active is paused'),
});
export type ImportedThread = z.infer<typeof importedThreadSchema>;

export const threadImport = defineRequest({
  method: 'thread/import',
  summary:
    'Takes the rows of an export, page by page. With the last page all threads of it are made at once, or none.',
  params: z.object({
    importId: idSchema.describe('A new one for each import, the same for all its pages'),
    firstLine: z.number().int().min(1).describe('Line of the first of these rows, from 1'),
    rows: z.array(z.unknown()).max(IMPORT_PAGE_ROWS),
    isLast: z.boolean(),
    cwd: z
      .string()
      .min(1)
      .nullish()
      .describe('Absolute folder for the threads, in the place of theirs'),
    ...mutationParams,
  }),
  result: z.object({
    lines: z.number().int().describe('Taken so far'),
    threads: z.array(importedThreadSchema).describe('Empty until the last page'),
  }),
  mutation: true,
});
