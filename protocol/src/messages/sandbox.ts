import * as z from 'zod';

const absolutePath = z.string().regex(/^\//, 'a folder is an absolute path');

/** Sandboxes by the names that the reference gives to the sets of permissions it comes with. */
export const PERMISSION_PROFILES = [':read-only', ':workspace', ':danger-full-access'] as const;
export const permissionProfileIdSchema = z.enum(PERMISSION_PROFILES);
export type PermissionProfileId = z.infer<typeof permissionProfileIdSchema>;

export const activePermissionProfileSchema = z
  .object({ id: permissionProfileIdSchema, extends: z.null() })
  .nullable()
  .describe('The one that was asked for by name');

/** What confines the commands of a thread, as it is in force. */
export const sandboxPolicySchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('dangerFullAccess') }),
  z.object({
    type: z.literal('readOnly'),
    networkAccess: z.boolean().describe('false: a loopback of its own, nothing else'),
  }),
  z.object({
    type: z.literal('workspaceWrite'),
    writableRoots: z.array(z.string()).describe('Folders that may be written beside cwd'),
    networkAccess: z.boolean().describe('false: a loopback of its own, nothing else'),
    excludeTmpdirEnvVar: z.boolean().describe('Always true: TMPDIR is a private folder'),
    excludeSlashTmp: z.boolean().describe('Always true: /tmp is a private folder'),
  }),
]);
export type SandboxPolicy = z.infer<typeof sandboxPolicySchema>;

const networkAccess = z
  .boolean()
  .nullish()
  .describe('null: as the project says, else the configuration');

/** What turn/start may ask for. */
export const askedSandboxPolicySchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('dangerFullAccess') }),
  z.looseObject({ type: z.literal('readOnly'), networkAccess }),
  z.looseObject({
    type: z.literal('workspaceWrite'),
    writableRoots: z
      .array(absolutePath)
      .max(100)
      .nullish()
      .describe('Folders that may be written beside cwd'),
    networkAccess,
  }),
  z
    .looseObject({ type: z.literal('externalSandbox') })
    .describe('Refused: goald cannot see what confines it from outside'),
]);
export type AskedSandboxPolicy = z.infer<typeof askedSandboxPolicySchema>;
