import { isObject, listOf, objectOf, textOf } from './json.js';

/** The error object within the text of an error answer, whatever shape the server's own has. */
export function errorBody(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { message: text };
  }
  const body = objectOf(Array.isArray(value) ? value[0] : value);
  if (isObject(body['error'])) return body['error'];
  const details = listOf(body['detail'])
    .map(
      (detail) =>
        `${listOf(objectOf(detail)['loc']).join('.')}: ${textOf(objectOf(detail)['msg']) ?? ''}`,
    )
    .join('; ');
  const message = [body['error'], body['message'], body['detail'], details, value]
    .map(textOf)
    .find((said) => said !== null && said !== '');
  return { ...body, message: message ?? text };
}
