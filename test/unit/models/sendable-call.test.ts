import { expect, it } from 'vitest';
import { sendableCall } from '@goald/server/agent/models/sendable-call.js';

it.each([
  ['{"a": 1}', '{"a": 1}'],
  ['', '{}'],
  [' \n', '{}'],
  ['{"a": ', '{"malformed_arguments":"{\\"a\\": "}'],
  ['[1]', '{"malformed_arguments":"[1]"}'],
  ['"text"', '{"malformed_arguments":"\\"text\\""}'],
  ['null', '{"malformed_arguments":"null"}'],
])('arguments %j go back as %s', (written, sent) => {
  expect(sendableCall({ name: 'shell', arguments: written }).arguments).toBe(sent);
});

it.each([
  ['apply_patch', 'apply_patch'],
  ['read-file', 'read-file'],
  ['functions.shell<|x|>', 'functions_shell__x__'],
  ['', 'unknown_tool'],
  ['n'.repeat(90), 'n'.repeat(64)],
])('the name %j goes back as %s', (written, sent) => {
  expect(sendableCall({ name: written, arguments: '{}' }).name).toBe(sent);
});
