import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** add_key, request_key and keyctl, by the architecture that the kernel names; x32 has the numbers of x86-64 with a bit of its own. */
const KEY_CALLS: readonly (readonly [architecture: number, calls: readonly number[]])[] = [
  [0xc000003e, [248, 249, 250].flatMap((call) => [call, call + 0x40000000])],
  [0x40000003, [286, 287, 288]],
  [0xc00000b7, [217, 218, 219]],
  [0x40000028, [309, 310, 311]],
];

const LOAD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const CALL_AT = 0;
const ARCHITECTURE_AT = 4;
const ALLOW = 0x7fff0000;
const NO_SUCH_CALL = 0x00050000 + 38;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

/**
 * A program of seccomp for `bwrap --seccomp`. The keyrings of the session come along into every namespace and no mount hides them: without
 * these calls they cannot be had.
 */
function syscallFilter(): Buffer {
  const blocks = KEY_CALLS.flatMap(([architecture, calls]) => {
    const block: Instruction[] = [
      [LOAD, 0, 0, CALL_AT],
      ...calls.map((call, at): Instruction => [JUMP_IF_EQUAL, calls.length - at, 0, call]),
      [RETURN, 0, 0, ALLOW],
      [RETURN, 0, 0, NO_SUCH_CALL],
    ];
    return [[JUMP_IF_EQUAL, 0, block.length, architecture] as const, ...block];
  });
  const program: Instruction[] = [[LOAD, 0, 0, ARCHITECTURE_AT], ...blocks, [RETURN, 0, 0, ALLOW]];
  return Buffer.concat(program.map(bytesOf));
}

function bytesOf([code, ifTrue, ifFalse, value]: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}

/** A file with the filter, open for one start of bubblewrap: it reads to the end. */
export function openFilter(folder: string): { readonly fd: number } & Disposable {
  const path = join(folder, 'filter.bpf');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, syscallFilter(), { mode: 0o600 });
  }
  const fd = openSync(path, 'r');
  return {
    fd,
    [Symbol.dispose]: () => {
      closeSync(fd);
    },
  };
}
