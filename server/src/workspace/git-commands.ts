import { execFile } from 'node:child_process';
import { ProtocolError } from '@goald/protocol';
import type { GitRead, GitReader } from '../engine/ports/git-reader.js';
import { childEnvironment } from './child-environment.js';

/** Commands of git that read, as long as no option makes them do more. */
const READING: ReadonlySet<string> = new Set([
  'rev-parse',
  'config',
  'diff',
  'ls-files',
  'status',
  'log',
  'show',
  'merge-base',
  'rev-list',
  'for-each-ref',
  'cat-file',
  'describe',
]);
/** The forms of `git config` that read. */
const READS_CONFIG = /^--(get|get-all|get-regexp|list)$/;
/** Options that write a file, or run a program that the repository names. git takes them shortened, too. */
const DOES_MORE = ['--output', '--ext-diff', '--textconv', '--filters', '--show-signature'];
/** Settings that a caller may lay over those of the repository: all of them switch something off. */
const SWITCHED_OFF =
  /^(safe\.bareRepository=explicit|core\.fsmonitor=(false)?|core\.hooksPath=\/dev\/null|filter\.[^=]+=(false)?|color\.[a-z]+=[a-z]+)$/;
/** What a repository's own configuration could make a reading command run. */
const GUARDS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.alternateRefsCommand=true',
  'log.showSignature=false',
  'gpg.program=gpg',
  'gpg.ssh.program=ssh-keygen',
  'gpg.x509.program=gpgsm',
  // A folder full of files that an agent has put there is no repository.
  'safe.bareRepository=explicit',
].flatMap((guard) => ['-c', guard]);
/** Objects that are missing are not fetched: that may run what the repository names, too. */
const NO_FETCHING = { GIT_ALLOW_PROTOCOL: 'none', GIT_NO_LAZY_FETCH: '1' } as const;
const LOOKS_AT_FILES: ReadonlySet<string> = new Set(['diff', 'status', 'describe', 'ls-files']);
const MOST_SETTINGS = 1000;
const SHOWS_DIFFS: ReadonlySet<string> = new Set(['diff', 'log', 'show']);
const PLAIN_DIFFS = ['--no-ext-diff', '--no-textconv'];

/** git, for reading alone. */
export class GitCommands implements GitReader {
  readonly #env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv, homeId: string) {
    const tags = { GOALD_TURN: '', GOALD_COMMAND: '', GOALD_OWNER: homeId };
    // Looking at a repository must not write its index.
    this.#env = {
      ...childEnvironment(env, tags),
      ...NO_FETCHING,
      GIT_OPTIONAL_LOCKS: '0',
      GIT_PAGER: 'cat',
    };
  }

  async read(args: readonly string[], options: Parameters<GitReader['read']>[1]): Promise<GitRead> {
    const { command, guarded } = guard(args);
    const filters = LOOKS_AT_FILES.has(command) ? await this.#withoutFilters(options) : {};
    return this.#run(guarded, options, filters);
  }

  /** Settings that switch off the filters for files that the repository names itself, in the form in which their names may hold anything. */
  async #withoutFilters(options: Parameters<GitReader['read']>[1]): Promise<NodeJS.ProcessEnv> {
    const asked = ['config', '--includes', '--show-scope', '-z', '--get-regexp', '^filter\\..*\\.'];
    const { stdout } = await this.#run(asked, options, {});
    const found = stdout.split('\0').flatMap((scope, at, all) => {
      const name = all[at + 1]?.split('\n', 1)[0] ?? '';
      const isOwn = at % 2 === 0 && (scope === 'local' || scope === 'worktree');
      return isOwn ? [name] : [];
    });
    const names = [...new Set(found)].slice(0, MOST_SETTINGS);
    const settings: NodeJS.ProcessEnv = { GIT_CONFIG_COUNT: String(names.length) };
    for (const [at, name] of names.entries()) {
      settings[`GIT_CONFIG_KEY_${String(at)}`] = name;
      settings[`GIT_CONFIG_VALUE_${String(at)}`] = name.endsWith('.required') ? 'false' : '';
    }
    return settings;
  }

  #run(
    args: readonly string[],
    { cwd, timeoutMs, maxBytes, signal }: Parameters<GitReader['read']>[1],
    settings: NodeJS.ProcessEnv,
  ): Promise<GitRead> {
    const env = { ...this.#env, ...settings };
    return new Promise((resolve, reject) => {
      execFile(
        'git',
        args,
        { cwd, env, timeout: timeoutMs, maxBuffer: maxBytes, signal, encoding: 'utf8' },
        (error, stdout, stderr) => {
          if (error === null) resolve({ exitCode: 0, stdout, stderr });
          else if (typeof error.code === 'number')
            resolve({ exitCode: error.code, stdout, stderr });
          else
            reject(new ProtocolError('invalid_request', `git could not be run: ${error.message}`));
        },
      );
    });
  }
}

/** The same command, kept from running what the repository names. Throws policy_refused for one that does more than read. */
function guard(args: readonly string[]): { command: string; guarded: readonly string[] } {
  let at = 0;
  for (; args[at] === '-c'; at += 2) {
    if (!SWITCHED_OFF.test(args[at + 1] ?? '')) throw refused(`-c ${args[at + 1] ?? ''}`);
  }
  const command = args[at] ?? '';
  const rest = args.slice(at + 1);
  if (!READING.has(command)) throw refused(command);
  const more = rest.find(doesMore);
  if (more !== undefined) throw refused(more);
  if (command === 'config' && !rest.some((arg) => READS_CONFIG.test(arg))) throw refused(command);
  const plain = SHOWS_DIFFS.has(command) ? PLAIN_DIFFS : [];
  return { command, guarded: [...args.slice(0, at), ...GUARDS, command, ...plain, ...rest] };
}

function doesMore(arg: string): boolean {
  const [option = ''] = arg.split('=');
  if (!option.startsWith('--') || option === '--' || option === '--text') return false;
  return DOES_MORE.some((name) => name.startsWith(option));
}

function refused(what: string): ProtocolError {
  return new ProtocolError(
    'policy_refused',
    `goald runs git for its clients to read a repository, and nothing else: not ${JSON.stringify(what)}. Run it in a shell of your own, or ask the agent.`,
  );
}
