import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Recorded } from './recorded.js';

interface Schema {
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly string[];
  readonly $ref?: string;
}

/** Where the name of a result does not follow from that of the params. */
const RESULTS: Readonly<Record<string, string>> = {
  'config/value/write': 'ConfigWriteResponse',
  'config/batchWrite': 'ConfigWriteResponse',
  'configRequirements/read': 'ConfigRequirementsReadResponse',
};

/** The JSON Schemas that the reference prints of itself. */
export class ReferenceSchema {
  readonly #folder: string;
  readonly #ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  readonly #validators = new Map<string, ValidateFunction>();
  /** Method -> name of the schema of its params, null where it takes none. */
  readonly requests: ReadonlyMap<string, string | null>;
  readonly notifications: ReadonlyMap<string, string | null>;
  readonly serverRequests: ReadonlyMap<string, string | null>;

  /** Reads what `generate` wrote. */
  constructor(folder: string) {
    this.#folder = folder;
    this.requests = this.#methods('ClientRequest');
    this.notifications = this.#methods('ServerNotification');
    this.serverRequests = this.#methods('ServerRequest');
  }

  /** Lets the program write its schemas into a folder. */
  static async generate(program: string, folder: string): Promise<void> {
    const flags = ['app-server', 'generate-json-schema', '--experimental', '--out', folder];
    await promisify(execFile)(program, flags, { timeout: 60_000 });
  }

  /** False for a message that only goald has. */
  knows({ kind, method }: Recorded): boolean {
    return this.#schemaOf(kind, method) !== undefined;
  }

  /** What the message breaks, or null when it is as the reference has it. Throws for one it does not have. */
  problems({ kind, method, body }: Recorded): readonly string[] | null {
    const name = this.#schemaOf(kind, method);
    if (name === undefined) throw new Error(`The reference has no ${kind} ${method}.`);
    const validate = this.#validator(name);
    return validate(body ?? {}) ? null : (validate.errors ?? []).map(told);
  }

  /** The JSON Schema of the params of a method, whole; null when it takes none. */
  params(method: string): object | null {
    const name = this.requests.get(method);
    return name == null ? null : this.#read(name);
  }

  #schemaOf(kind: Recorded['kind'], method: string): string | undefined {
    if (kind === 'notification') return this.notifications.get(method) ?? undefined;
    if (kind === 'request') return this.serverRequests.get(method) ?? undefined;
    if (kind === 'error') return this.requests.has(method) ? 'JSONRPCErrorError' : undefined;
    if (!this.requests.has(method)) return undefined;
    const params = this.requests.get(method);
    return RESULTS[method] ?? params?.replace(/Params$/, 'Response');
  }

  #validator(name: string): ValidateFunction {
    const made = this.#validators.get(name) ?? this.#ajv.compile(this.#read(name));
    this.#validators.set(name, made);
    return made;
  }

  #read(name: string): Schema {
    const path = ['v2', 'v1', '.']
      .map((folder) => join(this.#folder, folder, `${name}.json`))
      .find((file) => existsSync(file));
    if (path === undefined) throw new Error(`The reference has no schema ${name}.`);
    return JSON.parse(readFileSync(path, 'utf8')) as Schema;
  }

  #methods(union: string): Map<string, string | null> {
    const entries = (this.#read(union).oneOf ?? []).map((variant): [string, string | null] => {
      const params = variant.properties?.['params'];
      const ref = params?.$ref ?? params?.anyOf?.find(({ $ref }) => $ref !== undefined)?.$ref;
      return [variant.properties?.['method']?.enum?.[0] ?? '', ref?.split('/').at(-1) ?? null];
    });
    return new Map(entries);
  }
}

function told({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath === '' ? '(whole)' : instancePath} ${message ?? ''} ${JSON.stringify(params)}`;
}
