import { isIPv4 } from 'node:net';

/** True for a host name or address that only this machine can reach: localhost, 127.0.0.0/8, ::1. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === 'localhost' ||
    name === '::1' ||
    (isIPv4(name) && name.startsWith('127.')) ||
    name.startsWith('::ffff:127.')
  );
}
