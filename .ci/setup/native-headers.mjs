import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder with the C++ headers of the Node that runs, when they were installed with it; else null. Compiling against
 * them needs no download, and a wrong `nodedir` in someone's npm configuration does no harm.
 * @param {string} [program] path of the node binary
 * @param {string} [version]
 * @returns {string | null}
 */
export function headersFolder(program = process.execPath, version = process.versions.node) {
  try {
    const prefix = dirname(dirname(realpathSync(program)));
    const header = readFileSync(join(prefix, 'include', 'node', 'node_version.h'), 'utf8');
    const major = /#define NODE_MAJOR_VERSION (\d+)/.exec(header)?.[1];
    return major === version.split('.')[0] ? prefix : null;
  } catch {
    return null;
  }
}
