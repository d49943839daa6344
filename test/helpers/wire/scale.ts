import { env } from 'node:process';

/** `full` when GOALD_TEST_SCALE=full asks for it, else what every run of the tests can bear. */
export function scaled(usual: number, full: number): number {
  return env['GOALD_TEST_SCALE'] === 'full' ? full : usual;
}
