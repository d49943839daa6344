import * as z from 'zod';
import { defineRequest } from '../define.js';

export const COLLABORATION_MODES = ['plan', 'default'] as const;
const modeSchema = z.enum(COLLABORATION_MODES);
export type CollaborationModeKind = (typeof COLLABORATION_MODES)[number];

/** The mode of a thread as it is in force. */
export const collaborationModeSchema = z.object({
  mode: modeSchema.describe('plan: turns look and propose a plan, they change nothing'),
  settings: z.object({
    model: z.string(),
    reasoning_effort: z.string().nullable(),
    developer_instructions: z
      .string()
      .nullable()
      .describe('What the model is told of the mode; null: nothing'),
  }),
});
export type CollaborationMode = z.infer<typeof collaborationModeSchema>;

/** The mode as a client asks for it. */
export const askedCollaborationModeSchema = z.object({
  mode: modeSchema,
  settings: z.object({
    model: z.string().min(1).describe('Goes before `model` of the same request'),
    reasoning_effort: z.string().max(100).nullish().describe('Left as it is'),
    developer_instructions: z
      .string()
      .max(100_000)
      .nullish()
      .describe('null: goald’s own words of the mode'),
  }),
});
export type AskedCollaborationMode = z.infer<typeof askedCollaborationModeSchema>;

export const collaborationModeList = defineRequest({
  method: 'collaborationMode/list',
  summary: 'How a turn can be meant: to plan, or to work.',
  params: z.object({}),
  result: z.object({
    data: z.array(
      z.object({
        name: z.string(),
        mode: modeSchema,
        model: z.null(),
        reasoning_effort: z.null(),
      }),
    ),
  }),
});
