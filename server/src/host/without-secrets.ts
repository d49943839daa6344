const SECRET = '[secret]';
/** Anything shorter would blot out ordinary words. */
const MIN_SECRET_LENGTH = 6;

/** A text of JSON in which none of these texts stands any more. */
export function withoutSecrets(json: string, secrets: ReadonlySet<string>): string {
  let clean = json;
  for (const secret of secrets) {
    // As it stands in JSON.
    const written = JSON.stringify(secret).slice(1, -1);
    if (written.length >= MIN_SECRET_LENGTH) clean = clean.replaceAll(written, SECRET);
  }
  return clean;
}
