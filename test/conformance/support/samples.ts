interface Schema {
  readonly properties?: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
}

/** One way to ask, in words and as params. */
export interface Sample {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Values of every kind of JSON. */
const VALUES: readonly unknown[] = ['bogus', 7, 1.5, -1, true, [], [7], {}, { bogus: 1 }, null];

/**
 * What may be sent beside a good request: each required field left out, each field with a value of every kind of JSON, and a
 * field that nobody knows. What goald has no use for it ignores, whatever it holds: only the `fields` it reads are tried.
 */
export function samplesOf(
  schema: object | null,
  good: Sample['params'],
  fields: ReadonlySet<string>,
): Sample[] {
  const samples: Sample[] = [
    { name: 'as it should be', params: good },
    { name: 'with a field that nobody knows', params: { ...good, goaldUnknown: { a: 1 } } },
  ];
  const { properties = {}, required = [] } = (schema ?? {}) as Schema;
  for (const field of required) {
    const rest = Object.fromEntries(Object.entries(good).filter(([name]) => name !== field));
    samples.push({ name: `without ${field}`, params: rest });
  }
  for (const field of Object.keys(properties).filter((name) => fields.has(name))) {
    for (const value of VALUES) {
      samples.push({
        name: `${field}: ${JSON.stringify(value)}`,
        params: { ...good, [field]: value },
      });
    }
  }
  return samples;
}
