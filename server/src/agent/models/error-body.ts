import { isObject, listOf, objectOf, textOf } from './json.js';

/** fetch that gives every error answer the `{error: {…}}` body that OpenAI's have, whatever shape the server's own has. */
export async function fetchWithErrorBody(
  input: string | URL | Request,
  init?: RequestInit,
): Promise<Response> {
  const response = await fetch(input, init);
  if (response.ok) return response;
  const body = JSON.stringify({ error: errorBody(await response.text()) });
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  headers.delete('content-encoding');
  headers.set('content-type', 'application/json');
  return new Response(body, { status: response.status, headers });
}

/** The error object within the text of an error answer. */
function errorBody(text: string): Readonly<Record<string, unknown>> {
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
