import { readFileSync } from 'node:fs';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

/**
 * The test command a README gives: the first line of a fenced block that starts with `npm test`, as it stands, a comment
 * after it left out.
 * @param {string} readme
 * @returns {string | null}
 */
export function testCommand(readme) {
  let fenced = false;
  for (const line of readme.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) {
      fenced = !fenced;
      continue;
    }
    if (!fenced) continue;
    const command = line
      .replace(/^\s*\$\s+/, '')
      .replace(/\s+#.*$/, '')
      .trim();
    if (/^npm test(\s|$)/.test(command)) return command;
  }
  return null;
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const file = argv[2] ?? 'README.md';
  const command = testCommand(readFileSync(file, 'utf8'));
  if (command === null) {
    process.stderr.write(`${file} names no test command: no fenced line starts with "npm test".\n`);
    process.exitCode = 1;
  } else {
    process.stdout.write(`${command}\n`);
  }
}
