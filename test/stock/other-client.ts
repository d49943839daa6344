import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { requests, serverRequests, type ParamsInput, type RequestMessage } from '@goald/protocol';
import { WebSocket } from 'ws';
import { goalProgram } from '../bench/support/programs.js';
import { connectPeer, type Server } from './servers.js';

/** A request of another client, as a script would make it. */
export async function ask<M extends RequestMessage>(
  { url, token }: Server,
  message: M,
  params: ParamsInput<M>,
): Promise<void> {
  using peer = await connectPeer(url, token);
  await peer.request(message, params);
}

/** Lets what is asked for run, while another client shows the question: `goal approve` on goald, a client of its protocol on the reference. */
export async function approveElsewhere(server: Server, threadId: string): Promise<void> {
  if (server.home === null) await answerByProtocol(server, threadId);
  else {
    const args = [goalProgram(), '--home', server.home, 'approve'];
    const env = { PATH: process.env['PATH'] ?? '', HOME: server.home };
    await promisify(execFile)(process.execPath, args, { env });
  }
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
}

/** Joins the thread, and says yes to the first command that is asked for. */
async function answerByProtocol({ url, token }: Server, threadId: string): Promise<void> {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const socket = new WebSocket(url, { headers });
  const send = (message: object): void => {
    socket.send(JSON.stringify(message));
  };
  const answered = new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.on('open', () => {
      const clientInfo = { name: 'another-client', version: '0' };
      const capabilities = { experimentalApi: true };
      send({ id: 1, method: requests.initialize.method, params: { clientInfo, capabilities } });
    });
    socket.on('message', (data: Buffer) => {
      const { id, method } = JSON.parse(data.toString()) as Message;
      if (id === 1) {
        send({ method: 'initialized' });
        send({ id: 2, method: requests.threadResume.method, params: { threadId } });
      }
      if (method !== serverRequests.commandExecutionRequestApproval.method) return;
      send({ id, result: { decision: 'accept' } });
      resolve();
    });
  });
  try {
    await answered;
  } finally {
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.close();
    await closed;
  }
}
