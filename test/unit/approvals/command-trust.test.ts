import {
  judgeCommand,
  type CommandRules,
  type Trust,
} from '@goald/server/engine/approvals/command-trust.js';
import { BashSyntax } from '@goald/server/workspace/shell-syntax/bash-syntax.js';
import { describe, expect, it } from 'vitest';

const shell = new BashSyntax((error) => {
  throw error;
});

async function judge(
  text: string,
  rules: Partial<CommandRules> = {},
  inOwnFolder = true,
): Promise<Trust> {
  const script = await shell.read(text);
  return judgeCommand({ text, script, inOwnFolder }, { allow: [], deny: [], ask: [], ...rules });
}

describe('commands that only look are trusted', () => {
  it.each([
    'ls',
    'ls -la src',
    'cat a.txt b.txt',
    'cat *.ts',
    'cat "a b.txt" \'c d\'',
    'echo \'it\'"s"fine',
    'pwd && ls; git status || git log --oneline -5',
    'git diff HEAD~1 -- src/a.ts | head -20',
    'rg -n "foo bar" src 2>/dev/null',
    'grep -rn foo . 2>&1 | wc -l',
    'cat < a.txt',
    '(cd src && ls)',
    '! grep -q x a.txt',
    'find . -name "*.ts" -not -path "./node_modules/*"',
    "sed -n '1,20p' a.txt",
    'git branch --show-current',
    'ls \\\n  -la',
    'ls # what is here',
    'ls\ncat a.txt\n',
    'sort a.txt | uniq -c',
    'date +%F',
    'l\\s',
  ])('%j', async (text) => {
    expect(await judge(text)).toEqual({ kind: 'trusted' });
  });
});

describe('anything else is not, however it is written', () => {
  it.each([
    'rm -rf x',
    'npm test',
    'ls; rm x',
    'ls && rm x',
    'ls | xargs rm',
    'ls & rm x',
    'ls\nrm x',
    'cat a > b',
    'cat a >> b',
    'echo x >| b',
    'echo x &> b',
    'cat <<EOF\nx\nEOF',
    'cat <<< x',
    'ls $(rm x)',
    'ls `rm x`',
    'ls "$(rm x)"',
    'cat <(rm x)',
    'ls $HOME',
    'ls "$HOME"',
    'ls ${x:-y}',
    'ls $((1+1))',
    "ls $'a\\nb'",
    'ls {a,b}',
    'ls ~/x',
    'X=1 ls',
    'LD_PRELOAD=./x.so ls',
    'X=1',
    'export X=1',
    'eval "ls"',
    'sh -c ls',
    'bash -c "ls"',
    'env ls',
    'command ls',
    'exec ls',
    'sudo ls',
    'time ls',
    '. ./x.sh',
    'source x.sh',
    './ls',
    '/tmp/ls',
    '"ls"x',
    'if ls; then rm x; fi',
    'for i in 1; do ls; done',
    'while true; do ls; done',
    'ls() { rm x; }; ls',
    '[[ -f x ]] && ls',
    '((x=1))',
    'ls &&',
    'ls "',
    'ls )',
    '',
    '   ',
    '# nothing',
    'ls\u00a0-la',
    'ls\r',
    'ls\u0000',
    'ls\u202e',
    'find . -delete',
    'find . -exec rm {} +',
    'find . -fprint x',
    'find . -name $x',
    'find *',
    'rg --pre ./x foo',
    'rg foo *',
    'sort -o b a',
    'sort -ob a',
    'sort --output=b a',
    'sort --compress-program=./x a',
    'uniq a b',
    'date -s 12:00',
    'sed -i s/a/b/ x',
    "sed -n '1w x' a",
    "sed 's/a/b/e' a",
    'tree -o x',
    'git push',
    'git -c core.pager=./x log',
    'git --exec-path=. log',
    'git diff --output=x',
    'git diff --ext-diff',
    'git log --textconv',
    'git grep -O./x y',
    'git branch -D x',
    'git branch new',
    'git config x y',
    'cd ../other && git status',
    'coproc ls',
    'ls |& cat',
    'trap "rm x" EXIT; ls',
    'printf -v x y; $x',
    "printf -v 'x[$(rm x)]' y",
    'cat a | uniq - b',
    'uniq -- -a -b',
    'tree -ao x',
    'file -C -m x',
    'cat < /dev/tcp/example.org/80',
    'echo a\\\n#; rm x',
    'ls src\\\n# what\nrm x',
    'git diff --ext-d',
    'a'.repeat(20_001),
  ])('%j', async (text) => {
    expect((await judge(text)).kind).toBe('unknown');
  });

  it('git in another folder, which may bring programs for it along', async () => {
    expect((await judge('git status', {}, false)).kind).toBe('unknown');
  });
});

describe('what the user allowed is trusted', () => {
  const allow = [['npm', 'test'], ['make']];

  it.each(['npm test', 'npm test -- unit', 'make all', 'npm test && ls', "'npm' test"])(
    '%j',
    async (text) => {
      expect(await judge(text, { allow })).toEqual({ kind: 'trusted' });
    },
  );

  it.each([
    'npm testing',
    'npm',
    'npm run test',
    'npm test > log',
    'npm test; rm x',
    'npm test $(rm x)',
    'X=1 npm test',
    './npm test',
    'n[p]m test',
    'npm te*t',
  ])('%j is not that', async (text) => {
    expect((await judge(text, { allow })).kind).toBe('unknown');
  });
});

describe('words that could be allowed from now on', () => {
  it.each([
    ['npm install left-pad', ['npm', 'install', 'left-pad']],
    ['ls && npm ci', ['npm', 'ci']],
    ['"my tool" x', ['my tool', 'x']],
    ['timeout 5 npm ci', ['timeout', '5', 'npm', 'ci']],
  ])('%j', async (text, amendment) => {
    expect(await judge(text)).toEqual({ kind: 'unknown', amendment });
  });

  it.each([
    'bash',
    'node',
    'npm',
    'env -i',
    'nice',
    'timeout 5',
    'sudo -u root id',
    'env X=1',
    'python3 -u',
    'git -C x fetch',
    'npm ci && npm test',
    'npm ci > log',
    'npm ci $X',
    'rm *.o',
    `touch ${'x '.repeat(30)}`,
  ])('%j has none', async (text) => {
    expect(await judge(text)).toEqual({ kind: 'unknown', amendment: null });
  });
});

describe('what the configuration denies is denied, however it is run', () => {
  const deny = [['git', 'push'], ['rm']];

  it.each([
    'rm x',
    '/bin/rm x',
    'ls; rm x',
    'ls | xargs rm',
    'ls | xargs -n 1 rm -f',
    'sudo -u root rm x',
    'env X=1 rm x',
    'timeout 5 rm x',
    'nohup rm x &',
    'echo $(rm x)',
    'echo `rm x`',
    'if true; then rm x; fi',
    'f() { rm x; }; f',
    'X=1 rm x',
    'find . -exec rm {} +',
    'bash -c "rm x"',
    "eval 'git push'",
    'sh -c "cd x && git  push"',
    'git push origin main',
    'rm x > log',
    'cat <<EOF | sh\nrm x\nEOF',
    'rm x "',
    'python3 -c "import os; os.system(\'rm x\')"',
    'git -C . push',
    'git --no-pager -c x=y push',
    'git pus[h]',
    '/usr/bin/gi? push',
    '{git,push}',
    'G=git; $G push',
    "$'g\\x69t' push",
    "$'\\162\\155' x",
    'g() { git "$@"; }; g push',
    'git -c alias.p=push p',
    'alias g=git\ng push',
    "busybox sh -c 'git push'",
    'echo push | xargs git',
    'taskset 1 rm x',
  ])('%j', async (text) => {
    expect((await judge(text, { deny, allow: deny })).kind).toBe('denied');
  });

  it.each([
    ...['ls rm', 'echo rm x', 'git pull', 'git status', 'rmdir x', 'cat "git push"'],
    ...['git log push', 'git commit -m x push', 'git add p*', 'for i in *; do git add "$i"; done'],
  ])('%j is not that', async (text) => {
    expect((await judge(text, { deny })).kind).not.toBe('denied');
  });
});

it('what the user wants to be asked for is asked for, also when it would be trusted', async () => {
  expect(await judge('ls', { ask: [['ls']], allow: [['ls']] })).toEqual({ kind: 'asked' });
  expect(await judge('npm publish', { ask: [['npm', 'publish']] })).toEqual({ kind: 'asked' });
});
