import type { Paint } from '@goald/cli/terminal/terminal.js';

const same = (text: string): string => text;

/** No colour. */
export const PLAIN: Paint = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  cyan: same,
};
