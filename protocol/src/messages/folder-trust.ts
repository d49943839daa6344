import * as z from 'zod';
import { defineRequest } from '../define.js';
import { mutationParams } from './common.js';
import { originSchema } from './goal.js';

export const FOLDER_TRUSTS = ['trusted', 'untrusted'] as const;
export const folderTrustSchema = z.enum(FOLDER_TRUSTS);
export type FolderTrust = z.infer<typeof folderTrustSchema>;

const folder = z.string().min(1).max(4096);

export const folderTrustRead = defineRequest({
  method: 'folder/trust/read',
  summary: 'The repository a folder lies in: whether the user trusts it, and its own settings.',
  params: z.object({ cwd: folder.describe('Absolute path') }),
  result: z.object({
    root: z.string().describe('Root of the repository, without symbolic links; else the folder'),
    trust: folderTrustSchema.nullable().describe('null: nobody was asked'),
    decidedAtMs: z.number().int().nullable(),
    settingsFile: z.string().nullable().describe('Where it has settings, read or not'),
    instructionFiles: z.array(z.string()).describe('AGENTS.md files, root first'),
    settings: z
      .looseObject({})
      .nullable()
      .describe('As project.schema.json says; only of a trusted folder'),
    problem: z.string().nullable().describe('Why the settings cannot be used'),
    withoutEffect: z
      .array(z.string())
      .describe('Settings that change nothing, because those of the user are tighter'),
  }),
});

export const folderTrustSet = defineRequest({
  method: 'folder/trust/set',
  summary:
    'Stores whether the user trusts the repository a folder lies in; null takes the answer back.',
  params: z.object({
    path: folder.describe('Absolute path of the repository, or of a folder in it'),
    trust: folderTrustSchema.nullable(),
    origin: originSchema.nullish(),
    ...mutationParams,
  }),
  result: z.object({ root: z.string(), trust: folderTrustSchema.nullable() }),
  errors: ['policy_refused'],
  mutation: true,
});

export const folderTrustList = defineRequest({
  method: 'folder/trust/list',
  summary: 'Every folder the user was asked about, with the answer.',
  params: z.object({}),
  result: z.object({
    data: z.array(
      z.object({
        root: z.string(),
        trust: folderTrustSchema,
        decidedAtMs: z.number().int(),
        decidedBy: z.string().nullable().describe('Name of the client'),
      }),
    ),
  }),
});
