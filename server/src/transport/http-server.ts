import { createServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { MAX_MESSAGE_BYTES } from './limits.js';
import type { RequestGate } from './request-gate.js';

/** How long a client may take to send its request head. */
const REQUEST_HEAD_TIMEOUT_MS = 10_000;

export interface HttpServerOptions {
  readonly gate: RequestGate;
  /** Answers /readyz: true once the daemon serves requests. Must not throw. */
  readonly ready: () => boolean;
  /** Called with each WebSocket that passed the gate and the stream under it. Must not throw. */
  readonly onWebSocket: (ws: WebSocket, socket: Duplex, request: IncomingMessage) => void;
}

/** An HTTP server, not yet listening, with the health paths and the WebSocket upgrade on any path. */
export function createHttpServer(options: HttpServerOptions): Server {
  const { gate, ready, onWebSocket } = options;
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    // Bytes that are not UTF-8 get an answer (-32700) from us; ws would close the connection.
    skipUTF8Validation: true,
  });
  const server = createServer({
    noDelay: true,
    headersTimeout: REQUEST_HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_HEAD_TIMEOUT_MS,
  });
  server.on('request', (request, response) => {
    const answer = answerTo(request, gate, ready);
    response.writeHead(answer.status, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(`${answer.message}\n`);
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const refusal = gate.checkRequest(request) ?? gate.checkUpgrade(request);
    if (refusal !== undefined) {
      const challenge: Record<string, string> =
        refusal.status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {};
      endWith(socket, refusal.status, refusal.message, challenge);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (ws) => {
      onWebSocket(ws, socket, request);
    });
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) endWith(socket, 400, 'This is not an HTTP request.');
    else socket.destroy();
  });
  return server;
}

function answerTo(
  request: IncomingMessage,
  gate: RequestGate,
  ready: () => boolean,
): { status: number; message: string } {
  const refusal = gate.checkRequest(request);
  if (refusal !== undefined) return refusal;
  const path = request.method === 'GET' ? request.url?.split('?', 1)[0] : undefined;
  if (path === '/healthz') {
    return { status: 200, message: JSON.stringify({ status: 'ok', pid: process.pid }) };
  }
  if (path === '/readyz') {
    return ready() ? { status: 200, message: 'ready' } : { status: 503, message: 'not ready' };
  }
  return { status: 404, message: 'Not found. goald speaks JSON-RPC over WebSocket here.' };
}

function endWith(
  socket: Duplex,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = `${message}\n`;
  const head = {
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}
