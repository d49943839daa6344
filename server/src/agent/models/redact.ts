const LONGEST_MESSAGE = 1000;

/** A provider's message made fit for a person: no secrets, no markup, one paragraph, at most 1000 characters. */
export function presentable(message: string, secrets: readonly string[]): string {
  let text = /<(?:!doctype|html|head|body)\b/i.test(message)
    ? message.replace(/<(style|script)\b.*?<\/\1>/gis, ' ').replace(/<[^>]*>/g, ' ')
    : message;
  for (const secret of secrets) {
    if (secret.length >= 4) text = text.replaceAll(secret, '[hidden]');
  }
  text = text
    .replace(/\b(?:sk|pk|key|token)-[\w*.-]{6,}/gi, '[hidden]')
    .replace(/\bBearer\s+[\w.~+/*-]{6,}=*/gi, 'Bearer [hidden]')
    .replace(/:\/\/[^\s/@:]*:[^\s/@]*@/g, '://')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE - 1)}…` : text;
}
