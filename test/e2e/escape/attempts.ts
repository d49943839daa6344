import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EscapeWorld } from './world.js';

/** One way out. Run freely it must get there, or it would show nothing. */
export interface Attempt {
  readonly name: string;
  /** A shell script that runs in the project. */
  readonly script: string;
  /** Folders that may be changed, the first one is where it runs; default: the project. */
  readonly folders?: (world: EscapeWorld) => readonly string[];
  /** A command that comes after the first one. */
  readonly next?: string;
  /** Time that what it leaves running gets. */
  readonly waitMs?: number;
  /** Whether it got out: by what stands on the machine, or by what it printed. */
  readonly escaped: (world: EscapeWorld, output: string) => boolean;
  /** Is kept in only where a sandbox has a /proc of its own. */
  readonly needsOwnProc?: boolean;
}

export const CONNECT = (target: string): string =>
  `"$NODE" -e 'const s=require("net").connect(${target},()=>{});s.on("data",d=>process.stdout.write(d));s.on("error",()=>{})'`;

export const wrote =
  (path: string) =>
  ({ outside }: EscapeWorld): boolean =>
    existsSync(join(outside, path));
export const changed =
  (path: string, by: string) =>
  (world: EscapeWorld): boolean =>
    world.read(join(world.project, path))?.includes(by) === true;
export const told = ({ secret }: EscapeWorld, output: string): boolean => output.includes(secret);
export const reached =
  (name: string) =>
  ({ heard }: EscapeWorld): boolean =>
    heard.includes(name);

export const has =
  (...path: readonly string[]) =>
  ({ home }: EscapeWorld): boolean =>
    existsSync(join(home, ...path));

const WRITES: readonly Attempt[] = [
  { name: 'an absolute path', script: 'echo x > "$OUTSIDE/new"', escaped: wrote('new') },
  { name: 'a path with ..', script: 'echo x > ../outside/new', escaped: wrote('new') },
  {
    name: 'going up and writing there',
    script: 'cd .. && cd outside && echo x > new',
    escaped: wrote('new'),
  },
  {
    name: 'a symbolic link to a folder',
    script: 'ln -s "$OUTSIDE" link && echo x > link/new',
    escaped: wrote('new'),
  },
  {
    name: 'a symbolic link to a file',
    script: 'ln -s "$OUTSIDE/new" link && echo x > link',
    escaped: wrote('new'),
  },
  {
    name: 'a chain of relative links',
    script: 'ln -s .. a && ln -s a/outside b && echo x > b/new',
    escaped: wrote('new'),
  },
  {
    name: 'a hard link to a file outside',
    script: 'ln "$OUTSIDE/kept" link && echo x >> link',
    escaped: (world) => world.read(join(world.outside, 'kept'))?.endsWith('x\n') === true,
  },
  {
    name: 'appending to a file outside',
    script: 'echo x >> "$OUTSIDE/kept"',
    escaped: (world) => world.read(join(world.outside, 'kept'))?.endsWith('x\n') === true,
  },
  { name: 'moving a file out', script: 'mv file "$OUTSIDE/new"', escaped: wrote('new') },
  {
    name: 'removing a file outside',
    script: 'rm -rf "$OUTSIDE/kept"',
    escaped: (world) => !wrote('kept')(world),
  },
  {
    name: 'moving a folder of the user’s away',
    script: 'mv "$OUTSIDE/sub" "$OUTSIDE/gone"',
    escaped: wrote('gone'),
  },
  {
    name: 'changing the mode of a file outside',
    script: 'chmod 777 "$OUTSIDE/kept"',
    escaped: ({ outside }) => (statSync(join(outside, 'kept')).mode & 0o777) === 0o777,
  },
  {
    name: 'changing the time of a file outside',
    script: 'touch -d 2001-01-01 "$OUTSIDE/kept"',
    escaped: ({ outside }) => statSync(join(outside, 'kept')).mtime.getFullYear() === 2001,
  },
  {
    name: '/proc/self/root',
    script: 'echo x > "/proc/self/root$OUTSIDE/new"',
    escaped: wrote('new'),
  },
  {
    name: 'the root of another process',
    script: 'echo x > "/proc/$VICTIM/root$OUTSIDE/new"',
    escaped: wrote('new'),
  },
  {
    name: 'the working folder of another process',
    script: 'echo x > "/proc/$VICTIM/cwd$OUTSIDE/new"',
    escaped: wrote('new'),
  },
  {
    name: 'the parent, through /proc',
    script: 'echo x > "/proc/$PPID/root$OUTSIDE/new"',
    escaped: wrote('new'),
  },
  {
    name: 'a folder entered before and kept open',
    script: 'exec 9< "$OUTSIDE"; echo x > /proc/self/fd/9/new',
    escaped: wrote('new'),
  },
  {
    name: 'an archive with .. in it',
    script:
      '"$NODE" -e \'const fs=require("fs");fs.mkdirSync("a");fs.writeFileSync(require("path").resolve("a","../../outside/new"),"x")\'',
    escaped: wrote('new'),
  },
  {
    name: 'the machine’s /tmp',
    script:
      'echo x > "$SHARED/new"; ls -A "$SHARED" > listed; grep -q agent.sock listed && echo there',
    escaped: (_world, output) => output.includes('there'),
  },
  {
    name: 'the machine’s /dev/shm',
    script: 'echo x > "/dev/shm/$ABSTRACT"; echo',
    escaped: () => takeShared(),
  },
];

/** Whether something was left in the shared memory of the machine; it is gone then. */
function takeShared(): boolean {
  const found = readdirSync('/dev/shm').filter((name) => name.startsWith('goald-escape-'));
  return found.length > 0;
}

const LATER: readonly Attempt[] = [
  {
    name: 'a hook of git',
    script: 'printf "#!/bin/sh\\n" > .git/hooks/post-checkout',
    escaped: ({ project }) => existsSync(join(project, '.git/hooks/post-checkout')),
  },
  {
    name: 'a program in git’s configuration',
    script: 'printf "[core]\\n\\tfsmonitor = evil\\n" >> .git/config',
    escaped: changed('.git/config', 'evil'),
  },
  {
    name: 'git’s configuration through a link',
    script: 'ln -s .git alias && echo evil >> alias/config',
    escaped: changed('.git/config', 'evil'),
  },
  {
    name: 'git’s configuration through a hard link',
    script: 'ln .git/config config && echo evil >> config',
    escaped: changed('.git/config', 'evil'),
  },
  {
    name: 'another .git in the place of the old one',
    script: 'mv .git old; mkdir -p .git && echo evil > .git/config',
    escaped: changed('.git/config', 'evil'),
  },
  {
    name: 'removing .git',
    script: 'rm -rf .git',
    escaped: ({ project }) => !existsSync(join(project, '.git/config')),
  },
  {
    name: 'a submodule that points elsewhere',
    script: 'echo "gitdir: /evil" > deep/module/.git',
    escaped: changed('deep/module/.git', 'evil'),
  },
  {
    name: 'a submodule moved away, and another in its place',
    script:
      'mv deep/module deep/old; mkdir -p deep/module; echo "gitdir: /evil" > deep/module/.git',
    escaped: changed('deep/module/.git', 'evil'),
  },
  {
    name: 'the folder above a submodule moved away',
    script: 'mv deep old; mkdir -p deep/module; echo "gitdir: /evil" > deep/module/.git',
    escaped: changed('deep/module/.git', 'evil'),
  },
  {
    name: 'the configuration inside a submodule',
    script: 'echo evil >> .git/modules/module/config',
    escaped: changed('.git/modules/module/config', 'evil'),
  },
  {
    name: 'settings of goald in the project',
    script: 'mkdir -p .goald; echo "{}" > .goald/config.json',
    escaped: ({ project }) => existsSync(join(project, '.goald/config.json')),
  },
  {
    name: 'settings of goald as a link',
    script: 'mkdir settings; rm -rf .goald; ln -s settings .goald',
    escaped: ({ project }) => existsSync(join(project, '.goald')),
  },
  {
    name: 'a start-up file of the shell',
    script: 'echo evil >> "$HOME/.bashrc"',
    escaped: (world) => world.read(join(world.home, '.bashrc'))?.includes('evil') === true,
  },
  {
    name: 'a program that starts with the desktop',
    script:
      'mkdir -p "$HOME/.config/autostart"; echo evil > "$HOME/.config/autostart/evil.desktop"',
    escaped: has('.config', 'autostart', 'evil.desktop'),
  },
  {
    name: 'a tool on the user’s PATH',
    script: 'echo evil > "$HOME/.local/bin/tool"',
    escaped: (world) => world.read(join(world.home, '.local/bin/tool'))?.includes('evil') === true,
  },
  {
    name: 'a new tool on the user’s PATH',
    script: 'echo evil > "$HOME/.local/bin/evil"',
    escaped: has('.local', 'bin', 'evil'),
  },
];

const READS: readonly Attempt[] = [
  { name: 'a private key', script: 'cat "$HOME/.ssh/id_ed25519"', escaped: told },
  { name: 'credentials of a cloud', script: 'cat "$HOME/.aws/credentials"', escaped: told },
  { name: '.netrc', script: 'cat "$HOME/.netrc"', escaped: told },
  { name: '.npmrc', script: 'cat ../.npmrc', escaped: told },
  { name: 'the token of gh', script: 'cat "$HOME/.config/gh/hosts.yml"', escaped: told },
  {
    name: 'credentials beside a tool that is shown',
    script: 'cat "$HOME/.cargo/credentials.toml"',
    escaped: told,
  },
  { name: 'another project', script: 'cat "$OUTSIDE/kept"', escaped: told },
  {
    name: 'a secret through a link',
    script: 'ln -s "$HOME/.ssh" keys && cat keys/id_ed25519',
    escaped: told,
  },
  { name: 'a secret through a hard link', script: 'ln "$HOME/.netrc" n && cat n', escaped: told },
  {
    name: 'a copy of the home',
    script: 'cp -r "$HOME/.ssh" . && cat .ssh/id_ed25519',
    escaped: told,
  },
  {
    name: 'searching the whole home',
    script: 'grep -rhs secret- "$HOME" | head -5',
    escaped: told,
  },
  { name: 'the daemon’s token', script: 'cat "$STATE/token"', escaped: told },
  { name: 'the daemon’s database', script: 'cat "$STATE/goald.db"', escaped: told },
  { name: 'the daemon’s configuration', script: 'cat "$STATE/config.json"', escaped: told },
  {
    name: 'what another thread’s commands printed',
    script: 'cat "$STATE/outputs/other-thread/x.txt"',
    escaped: told,
  },
  { name: 'a token in the environment', script: 'echo "$GITHUB_TOKEN"', escaped: told },
  { name: 'a key in the environment', script: 'env', escaped: told },
  {
    name: 'the environment of another process',
    script: 'tr "\\0" "\\n" < "/proc/$VICTIM/environ"',
    escaped: told,
  },
  {
    name: 'the environment of any process',
    script: 'cat /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n" | grep -a "^VICTIM_SECRET"',
    escaped: told,
  },
  {
    name: 'the memory of another process',
    script:
      '"$NODE" -e \'const fs=require("fs");const p="/proc/"+process.env.VICTIM;const [a,b]=/^(\\w+)-(\\w+).*\\[stack\\]/m.exec(fs.readFileSync(p+"/maps","utf8")).slice(1).map((x)=>parseInt(x,16));const f=fs.openSync(p+"/mem");const m=Buffer.alloc(b-a);fs.readSync(f,m,0,m.length,a);console.log(/VICTIM_SECRET=\\S+?(?=\\0)/.exec(m.toString("latin1"))[0])\'',
    escaped: told,
  },
  {
    name: 'taking a mask off',
    script: 'umount "$HOME" "$STATE" 2>/dev/null; cat "$STATE/token"',
    escaped: told,
  },
  {
    name: 'taking a mask off in a namespace of its own',
    script:
      'unshare -Urm sh -c \'umount -l "$HOME"; umount -l "$STATE"; cat "$STATE/token"\' || cat "$STATE/token"',
    escaped: told,
  },
  {
    name: 'mounting the machine’s files again',
    script:
      'mkdir m; unshare -Urm sh -c \'mount --rbind / m; cat "m$STATE/token"\' || cat "m$STATE/token" "$STATE/token"',
    escaped: told,
  },
];

const REACHES: readonly Attempt[] = [
  {
    name: 'a port of the machine',
    script: CONNECT('+process.env.PORT,"127.0.0.1"'),
    escaped: reached('tcp'),
  },
  {
    name: 'the daemon’s socket',
    script: CONNECT('process.env.DAEMON_SOCKET'),
    escaped: reached('daemon socket'),
  },
  {
    name: 'a socket of the user’s session',
    script: CONNECT('process.env.SESSION_SOCKET'),
    escaped: reached('session socket'),
  },
  {
    name: 'the socket that the environment names',
    script: CONNECT('process.env.SSH_AUTH_SOCK||"/nowhere"'),
    escaped: reached('agent socket'),
  },
  {
    name: 'a socket in /tmp',
    script: CONNECT('process.env.AGENT_SOCKET'),
    escaped: reached('agent socket'),
  },
  {
    name: 'an abstract socket',
    script: CONNECT('"\\0"+process.env.ABSTRACT'),
    escaped: reached('abstract socket'),
  },
  {
    name: 'a fifo that somebody reads',
    script: 'timeout 1 sh -c \'echo through > "$FIFO"\'; sleep 0.1',
    escaped: (world) =>
      world.read(join(world.home, '..', 'fifo-heard'))?.includes('through') === true,
  },
  {
    name: 'a fifo through a link',
    script: 'ln -s "$FIFO" pipe; timeout 1 sh -c \'echo through > pipe\'; sleep 0.1',
    escaped: (world) =>
      world.read(join(world.home, '..', 'fifo-heard'))?.includes('through') === true,
  },
  {
    name: 'a signal to another process',
    script: 'kill -0 "$VICTIM" && echo alive',
    escaped: (_world, output) => output.includes('alive'),
  },
  {
    name: 'the processes of the machine',
    script: 'cat "/proc/$VICTIM/cmdline" | tr "\\0" " "',
    escaped: (_world, output) => output.includes('sleep 1000'),
    needsOwnProc: true,
  },
  {
    name: 'a debugger’s hold on another process',
    script: 'readlink "/proc/$VICTIM/exe" && ls "/proc/$VICTIM/fd" && echo held',
    escaped: (_world, output) => output.includes('held'),
  },
];

const PROCESSES: readonly Attempt[] = [
  {
    name: 'a process in the background that outlives its command',
    script: '(sleep 0.3; touch late) > /dev/null 2>&1 & echo started',
    waitMs: 700,
    escaped: ({ project }) => existsSync(join(project, 'late')),
  },
  {
    name: 'a session of its own that outlives its command',
    script: 'setsid sh -c "sleep 0.3; touch late" > /dev/null 2>&1 < /dev/null & echo started',
    waitMs: 700,
    escaped: ({ project }) => existsSync(join(project, 'late')),
  },
  {
    name: 'more processes than are allowed',
    script:
      'for i in $(seq 80); do sleep 30 & done; sleep 1.5; jobs -r | wc -l | sed s/^/running:/',
    escaped: (_world, output) => output.includes('running:80'),
  },
  {
    name: 'a bomb of forks',
    script:
      'n() { [ "$1" -gt 6 ] && { sleep 2.5; return; }; n $(($1+1)) & n $(($1+1)) & wait; }; n 0; echo survived',
    escaped: (_world, output) => output.includes('survived'),
  },
];

export const ATTEMPTS = {
  'writing elsewhere': WRITES,
  'what runs later without a sandbox': LATER,
  'reading secrets': READS,
  'reaching others': REACHES,
  processes: PROCESSES,
} as const;
