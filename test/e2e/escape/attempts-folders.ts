import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { changed, CONNECT, has, reached, told, wrote, type Attempt } from './attempts.js';
import type { EscapeWorld } from './world.js';

const and =
  (...path: readonly string[]) =>
  ({ project }: EscapeWorld): readonly string[] => [project, join(project, ...path)];
const home = (world: EscapeWorld): readonly string[] => [world.home];

/** What goes wrong when folders that may be changed lie in each other, are links, or are the user's home. */
export const FOLDERS: readonly Attempt[] = [
  {
    name: 'settings of goald in a submodule',
    script: 'echo evil > deep/module/.goald/config.json',
    escaped: changed('deep/module/.goald/config.json', 'evil'),
  },
  {
    name: 'a further folder that was not there, put there as a link',
    folders: and('out'),
    script: 'ln -s "$OUTSIDE" out',
    next: 'echo x > "$OUTSIDE/new"',
    escaped: wrote('new'),
  },
  {
    name: 'a further folder moved away, and a link in its place',
    folders: and('further', 'out'),
    script: 'mv further old; mkdir -p further; ln -s "$OUTSIDE" further/out',
    next: 'echo x > "$OUTSIDE/new"',
    escaped: wrote('new'),
  },
  {
    name: 'settings of goald in a project whose home may be changed, too',
    folders: ({ project, home: top }) => [project, top],
    script: 'mkdir -p .goald; echo "{}" > .goald/config.json',
    escaped: ({ project }) => existsSync(join(project, '.goald', 'config.json')),
  },
  {
    name: 'a configuration of the daemon where there is none',
    folders: home,
    script: 'mkdir -p .config/goald; echo "{}" > .config/goald/config.json',
    escaped: has('.config', 'goald', 'config.json'),
  },
  {
    name: 'a configuration of the daemon in a new folder',
    folders: home,
    script: 'mv .config old; mkdir -p .config/goald; echo "{}" > .config/goald/config.json',
    escaped: has('.config', 'goald', 'config.json'),
  },
  {
    name: 'the folder above a secret moved away',
    folders: home,
    script: 'mv .config old',
    next: 'cat old/gh/hosts.yml',
    escaped: told,
  },
  {
    name: 'a start-up file of the shell that was not there',
    folders: home,
    script: 'echo evil > .bash_profile',
    escaped: (world) => world.read(join(world.home, '.bash_profile')) !== null,
  },
  {
    name: 'a tool of the user where the home may be changed',
    folders: home,
    script: 'echo evil > .cargo/bin/tool',
    escaped: (world) => world.read(join(world.home, '.cargo', 'bin', 'tool')) === 'evil\n',
  },
  {
    name: 'a socket in the home',
    folders: home,
    script: CONNECT('process.env.HOME+"/agent/sock"'),
    escaped: reached('home socket'),
  },
];
