import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findInstructionFiles } from '@goald/server/workspace/instruction-files.js';
import { expect, it } from 'vitest';
import { tempFolder } from '../../helpers/temp-folder.js';

it('AGENTS.md may be a link to another text for agents in the folder, and to nothing else there', async () => {
  await using folder = await tempFolder();
  const { path } = folder;
  const instructions = join(path, 'AGENTS.md');
  await mkdir(join(path, '.ssh'));
  await writeFile(join(path, '.ssh', 'id_ed25519'), 'secret');
  await writeFile(join(path, 'CLAUDE.md'), 'Be brief.');
  await symlink('.ssh/id_ed25519', instructions);
  expect(await findInstructionFiles(path)).toEqual([]);
  await rm(instructions);
  await symlink('CLAUDE.md', instructions);
  expect(await findInstructionFiles(path)).toEqual([join(path, 'CLAUDE.md')]);
});
