import { randomUUID } from 'node:crypto';
import { chmod, mkdir, rename, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PlannedFile, StoredFile } from './patch-plan.js';

type Undo = () => Promise<unknown>;

const tempBeside = (path: string): string => join(dirname(path), `.goald-${randomUUID()}.tmp`);

async function restore(path: string, stored: StoredFile): Promise<void> {
  const temp = tempBeside(path);
  if (stored.isLink) {
    await symlink(stored.bytes.toString(), temp);
  } else {
    await writeFile(temp, stored.bytes, { flag: 'wx' });
    await chmod(temp, stored.mode);
  }
  await rename(temp, path);
}

/** Makes a folder and its parents; undoing it removes the ones it made. */
async function makeFolder(folder: string, undo: Undo[]): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  undo.push(async () => {
    for (let made = folder; made.length >= first.length; made = dirname(made)) await rmdir(made);
  });
}

/** Puts the new text beside the file, so that only a rename is left to do. */
async function stage(file: PlannedFile, undo: Undo[]): Promise<string | null> {
  if (file.after === null) return null;
  await makeFolder(dirname(file.path.absolute), undo);
  const temp = tempBeside(file.path.absolute);
  undo.push(() => rm(temp, { force: true }));
  await writeFile(temp, file.after.text, { flag: 'wx' });
  if (file.after.mode !== null) await chmod(temp, file.after.mode);
  return temp;
}

async function commit(file: PlannedFile, temp: string | null, undo: Undo[]): Promise<void> {
  const { before, path } = file;
  if (temp !== null) await rename(temp, path.absolute);
  else if (before !== null) await rm(path.absolute);
  undo.push(() =>
    before === null ? rm(path.absolute, { force: true }) : restore(path.absolute, before),
  );
}

const isChanged = ({ before, after }: PlannedFile): boolean => {
  if (before === null || after === null) return (before === null) !== (after === null);
  return (
    before.isLink || before.mode !== after.mode || !before.bytes.equals(Buffer.from(after.text))
  );
};

/**
 * Writes planned files, each by rename. When one fails, all are put back as they were and the error is thrown.
 */
export async function writePlanned(files: readonly PlannedFile[]): Promise<void> {
  const undo: Undo[] = [];
  try {
    const staged: { file: PlannedFile; temp: string | null }[] = [];
    for (const file of files.filter(isChanged)) {
      staged.push({ file, temp: await stage(file, undo) });
    }
    for (const { file, temp } of staged) await commit(file, temp, undo);
  } catch (error) {
    const problems: unknown[] = [];
    for (const step of undo.reverse())
      await step().catch((problem: unknown) => problems.push(problem));
    if (problems.length === 0) throw error;
    throw new AggregateError(
      [error, ...problems],
      'Writing failed, and so did putting files back.',
      { cause: error },
    );
  }
}
