import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from '../support/child.js';
import { freePort } from '../support/free-port.js';
import type { Endpoint } from '../wire/frame-socket.js';
import { waitUntilReady, type Contestant, type Running, type StartOptions } from './contestant.js';

const NOWHERE = 'http://127.0.0.1:9/v1';

/** The reference server: its own program, without the Node script that npm puts before it. */
export class Reference implements Contestant {
  readonly side = 'reference';
  readonly #program: string;

  constructor(program: string) {
    this.#program = program;
  }

  async start({ folder, transport, modelUrl }: StartOptions): Promise<Running> {
    const home = join(folder, 'c');
    await mkdir(home, { recursive: true });
    await writeFile(join(home, 'config.toml'), config(modelUrl ?? NOWHERE));
    const path = join(folder, 's');
    const address = transport === 'tcp' ? { port: await freePort() } : { path };
    const listen =
      'port' in address ? `ws://127.0.0.1:${String(address.port)}` : `unix://${address.path}`;
    const startedAt = performance.now();
    const env = { HOME: folder, CODEX_HOME: home };
    const child = new Child(this.#program, ['app-server', '--listen', listen], env);
    return waitUntilReady(child, startedAt, async (): Promise<Endpoint> => ({ address }));
  }
}

function config(modelUrl: string): string {
  return `model = "scripted"
model_provider = "bench"
approval_policy = "never"
sandbox_mode = "danger-full-access"

[features]
goals = true

[model_providers.bench]
name = "bench"
base_url = "${modelUrl}"
wire_api = "responses"
requires_openai_auth = false
`;
}
