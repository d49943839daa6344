import {
  ListenAddressError,
  parseListenValue,
  planListening,
} from '@goald/server/transport/listen-address.js';
import { describe, expect, it } from 'vitest';

describe('one --listen value', () => {
  it.each([
    ['ws://127.0.0.1:4321', { kind: 'websocket', host: '127.0.0.1', port: 4321 }],
    ['ws://localhost:80/', { kind: 'websocket', host: 'localhost', port: 80 }],
    ['ws://[::1]:0', { kind: 'websocket', host: '::1', port: 0 }],
    ['unix://', { kind: 'unix', path: null }],
    ['unix:///run/a b.sock', { kind: 'unix', path: '/run/a b.sock' }],
    ['unix://rel.sock', { kind: 'unix', path: 'rel.sock' }],
    ['off', { kind: 'off' }],
    ['stdio://', { kind: 'stdio' }],
  ])('%s is read', (value, expected) => {
    expect(parseListenValue(value)).toEqual(expected);
  });

  it.each([
    '',
    'OFF',
    'ws://',
    'ws://127.0.0.1',
    'ws://:80',
    'ws://::1:80',
    'ws://h:65536',
    'ws://h:-1',
    'ws://h:80/path',
    'ws://user@h:80',
    'wss://h:443',
    'http://h:80',
    '127.0.0.1:80',
    'stdio',
  ])('%j is refused with what can be used', (value) => {
    expect(() => parseListenValue(value)).toThrow(ListenAddressError);
    expect(() => parseListenValue(value)).toThrow(/Use /);
  });
});

describe('all --listen values', () => {
  const options = { cwd: '/srv', defaultSocket: '/home/goald.sock' };

  it('none is the socket of the home', () => {
    expect(planListening([], options)).toEqual({
      mode: 'serve',
      addresses: [{ kind: 'unix', path: '/home/goald.sock' }],
    });
  });

  it('several are all served, relative paths from the working folder', () => {
    expect(planListening(['unix://', 'ws://127.0.0.1:0', 'unix://x.sock'], options)).toEqual({
      mode: 'serve',
      addresses: [
        { kind: 'unix', path: '/home/goald.sock' },
        { kind: 'websocket', host: '127.0.0.1', port: 0 },
        { kind: 'unix', path: '/srv/x.sock' },
      ],
    });
  });

  it('off listens nowhere; stdio:// forwards', () => {
    expect(planListening(['off'], options)).toEqual({ mode: 'serve', addresses: [] });
    expect(planListening(['stdio://'], options)).toEqual({ mode: 'forward' });
  });

  it.each([
    ['off', 'unix://'],
    ['unix://', 'stdio://'],
    ['off', 'stdio://'],
  ])('%s and %s together are refused', (first, second) => {
    expect(() => planListening([first, second], options)).toThrow(/cannot stand beside/);
  });
});
