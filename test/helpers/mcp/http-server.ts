import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** An MCP server over streamable HTTP, with one tool, `whoami`, that wants a token. */
export class GuardedHttpMcp implements AsyncDisposable {
  /** The token it takes; a test may change it while it runs. */
  token: string;
  readonly url: string;
  readonly #close: () => Promise<void>;

  private constructor(token: string, url: string, close: () => Promise<void>) {
    this.token = token;
    this.url = url;
    this.#close = close;
  }

  static async start(token: string): Promise<GuardedHttpMcp> {
    const http = createServer((request, response) => {
      void answer(request, mcp.token).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body === null ? undefined : JSON.stringify(body));
      });
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const address = http.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const mcp = new GuardedHttpMcp(token, `http://127.0.0.1:${String(port)}/mcp`, async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    });
    return mcp;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answer(request: IncomingMessage, token: string): Promise<Answer> {
  if (request.headers.authorization !== `Bearer ${token}`) {
    return { status: 401, body: { error: 'invalid_token' } };
  }
  if (request.method !== 'POST') return { status: 405, body: null };
  const { id, method, params } = JSON.parse(await text(request)) as {
    id?: unknown;
    method: string;
    params?: { protocolVersion?: string };
  };
  if (id === undefined) return { status: 202, body: null };
  const result = resultOf(method, params?.protocolVersion);
  const failed = { error: { code: -32_601, message: 'Method not found' } };
  return { status: 200, body: { jsonrpc: '2.0', id, ...(result === null ? failed : { result }) } };
}

function resultOf(method: string, protocolVersion: string | undefined): unknown {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'guarded', version: '1.0.0' },
      };
    case 'tools/list':
      return { tools: [{ name: 'whoami', inputSchema: { type: 'object' } }] };
    case 'tools/call':
      return { content: [{ type: 'text', text: 'ada' }] };
    default:
      return null;
  }
}
