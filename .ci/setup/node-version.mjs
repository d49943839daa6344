/** The oldest Node that works: [major, minor]. package.json says the same under "engines". */
export const MINIMUM_NODE = Object.freeze([20, 19]);

/**
 * What is wrong with a Node version, in words for the person who started it; null when it will do.
 * @param {string} version such as "20.19.1"
 * @returns {string | null}
 */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const [wantMajor = 0, wantMinor = 0] = MINIMUM_NODE;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return null;
  return (
    `goald needs Node ${wantMajor}.${wantMinor} or newer; this is ${version}.\n` +
    'Install a newer one (https://nodejs.org, or `nvm install 22`) and run the command again.'
  );
}
