import { isObject } from './json.js';

/** What a call was made as, and may go back as. */
interface Call {
  readonly name: string;
  readonly arguments: string;
}

const LONGEST_NAME = 64;

/**
 * A call of the history as every server takes it. Models write broken JSON and invent names, and servers that read both again would
 * refuse every later request of the thread for it.
 */
export function sendableCall(call: Call): Call {
  return { name: sendableName(call.name), arguments: sendableArguments(call.arguments) };
}

function sendableName(name: string): string {
  const plain = name.replaceAll(/[^\w-]/g, '_').slice(0, LONGEST_NAME);
  return plain === '' ? 'unknown_tool' : plain;
}

function sendableArguments(text: string): string {
  if (text.trim() === '') return '{}';
  try {
    if (isObject(JSON.parse(text))) return text;
  } catch {
    // Goes back as a text.
  }
  return JSON.stringify({ malformed_arguments: text });
}
