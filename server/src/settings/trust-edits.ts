import {
  folderTrustSchema,
  ProtocolError,
  type ConfigEdit,
  type FolderTrust,
} from '@goald/protocol';
import * as z from 'zod';
import { readKeyPath } from './key-path.js';

/** What an edit of the configuration says of folders. */
export interface TrustEdit {
  /** As the client named the folder. */
  readonly path: string;
  /** null takes the answer back. */
  readonly trust: FolderTrust | null;
}

export interface TrustEdits {
  /** The answers given before are void, but for these. */
  readonly replaceAll: boolean;
  readonly edits: readonly TrustEdit[];
}

const levelSchema = folderTrustSchema.nullable();
const projectSchema = z.object({ trust_level: levelSchema.optional() }).nullable();
const projectsSchema = z.record(z.string(), projectSchema).nullable();

/** Reads `projects`, `projects."<folder>"` and `projects."<folder>".trust_level`. Throws policy_refused for any other key, invalid_params for other values. */
export function readTrustEdit(edit: ConfigEdit, configFile: string): TrustEdits {
  const [table, path, key, ...more] = readKeyPath(edit.keyPath);
  if (table !== 'projects' || more.length > 0 || (key !== undefined && key !== 'trust_level')) {
    throw new ProtocolError(
      'policy_refused',
      `Clients cannot write ${edit.keyPath}: the configuration of goald is the file ${configFile}, yours to edit; it is read again when it changes.`,
      { keyPath: edit.keyPath, filePath: configFile },
    );
  }
  if (path === undefined) {
    const projects = read(projectsSchema, edit) ?? {};
    return {
      replaceAll: edit.mergeStrategy === 'replace',
      edits: Object.entries(projects).flatMap(([folder, project]) => editsOf(folder, project)),
    };
  }
  if (key === undefined) {
    return { replaceAll: false, edits: editsOf(path, read(projectSchema, edit)) };
  }
  return { replaceAll: false, edits: [{ path, trust: read(levelSchema, edit) }] };
}

function editsOf(path: string, project: z.output<typeof projectSchema>): TrustEdit[] {
  if (project === null) return [{ path, trust: null }];
  return project.trust_level === undefined ? [] : [{ path, trust: project.trust_level }];
}

function read<S extends z.ZodType>(schema: S, edit: ConfigEdit): z.output<S> {
  const parsed = schema.safeParse(edit.value ?? null);
  if (parsed.success) return parsed.data;
  const message = `The value of ${edit.keyPath} is not what stands there: trust_level is "trusted", "untrusted" or null.`;
  throw new ProtocolError('invalid_params', message, { issues: [{ path: ['value'], message }] });
}
