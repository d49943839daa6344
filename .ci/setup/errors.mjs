/** A set-up step failed for a reason a person can act on. `output` is what the tool printed. */
export class SetupError extends Error {
  /**
   * @param {string} message what failed and what to do
   * @param {string} [output]
   */
  constructor(message, output = '') {
    super(message);
    this.name = 'SetupError';
    this.output = output;
  }
}

const NPM_ADVICE = [
  {
    sign: /ENOTFOUND|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ENETUNREACH/,
    advice:
      'npm could not reach the package registry: check the network (and `npm config get registry proxy`), then run the command again.',
  },
  {
    sign: /EUSAGE|can only install packages when your package\.json and package-lock\.json/,
    advice:
      'package.json and package-lock.json disagree: run `npm install`, look at the change of the lockfile, and run the command again.',
  },
  {
    sign: /node-gyp|gyp ERR|prebuild-install/,
    advice:
      'better-sqlite3 has no ready-made binary for this system and could not be compiled: install python3, make and a C++ compiler (Debian: `apt install build-essential python3`; macOS: `xcode-select --install`), then run the command again.',
  },
  {
    sign: /EACCES|EPERM/,
    advice: 'npm may not write here: check who owns this folder, node_modules and ~/.npm.',
  },
  { sign: /ENOSPC/, advice: 'The disk is full: free about 500 MB and run the command again.' },
];

/**
 * What to do about a failed npm command.
 * @param {string} output what npm printed
 * @returns {string}
 */
export function npmAdvice(output) {
  const known = NPM_ADVICE.find(({ sign }) => sign.test(output));
  return known?.advice ?? 'Read the output above, put it right, and run the command again.';
}

/**
 * The last lines of an output, with a note of how much was left out.
 * @param {string} text
 * @param {number} [lines]
 * @returns {string}
 */
export function tail(text, lines = 200) {
  const all = text.trimEnd().split('\n');
  if (all.length <= lines) return all.join('\n');
  return [`… ${all.length - lines} lines before`, ...all.slice(-lines)].join('\n');
}
