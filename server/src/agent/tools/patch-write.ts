import { randomUUID } from 'node:crypto';
import { open, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HeldFolders } from './held-folders.js';
import type { PlannedFile, StoredFile } from './patch-plan.js';

type Undo = () => Promise<unknown>;

/** What writing needs: the folders, held, and how to undo what was done. */
interface Writing {
  readonly folders: HeldFolders;
  readonly undo: Undo[];
}

const tempBeside = (place: string): string => join(dirname(place), `.goald-${randomUUID()}.tmp`);

/** Writes a file that is not there yet. Its mode is set on what was opened: a link that takes its place changes no other file's. */
async function create(path: string, content: string | Buffer, mode: number | null): Promise<void> {
  await using file = await open(path, 'wx');
  await file.writeFile(content);
  if (mode !== null) await file.chmod(mode);
}

async function restore(place: string, stored: StoredFile): Promise<void> {
  const temp = tempBeside(place);
  if (stored.isLink) {
    await symlink(stored.bytes.toString(), temp);
  } else {
    await create(temp, stored.bytes, stored.mode);
  }
  await rename(temp, place);
}

/** Makes a folder and its parents; undoing it removes the ones it made. */
async function makeFolder(folder: string, { folders, undo }: Writing): Promise<void> {
  for (const made of await folders.make(folder)) {
    const place = await folders.place(made);
    undo.push(() => rmdir(place));
  }
}

/** Puts the new text beside the file, so that only a rename is left to do. */
async function stage(file: PlannedFile, writing: Writing): Promise<string | null> {
  if (file.after === null) return null;
  const { folders, undo } = writing;
  await makeFolder(dirname(file.path.absolute), writing);
  const temp = tempBeside(await folders.place(file.path.absolute));
  undo.push(() => rm(temp, { force: true }));
  await create(temp, file.after.text, file.after.mode);
  return temp;
}

async function commit(
  file: PlannedFile,
  temp: string | null,
  { folders, undo }: Writing,
): Promise<void> {
  const { before, path } = file;
  if (temp === null && before === null) return;
  const place = await folders.place(path.absolute);
  if (temp !== null) await rename(temp, place);
  else await rm(place);
  undo.push(() => (before === null ? rm(place, { force: true }) : restore(place, before)));
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
  await using folders = new HeldFolders();
  const undo: Undo[] = [];
  const writing = { folders, undo };
  try {
    const staged: { file: PlannedFile; temp: string | null }[] = [];
    for (const file of files.filter(isChanged)) {
      staged.push({ file, temp: await stage(file, writing) });
    }
    for (const { file, temp } of staged) await commit(file, temp, writing);
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
