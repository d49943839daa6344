import { approvalExamples } from './approvals.js';
import type { MessageExamples } from './define.js';
import { goalExamples } from './goal.js';
import { goalPeopleExamples } from './goal-people.js';
import { goalQueryExamples } from './goal-query.js';
import { initializeExamples } from './initialize.js';
import { folderTrustExamples } from './folder-trust.js';
import { readStateExamples } from './read-state.js';
import { settingsExamples } from './settings.js';
import { threadActionExamples } from './thread-actions.js';
import { threadExamples } from './thread.js';
import { threadTransferExamples } from './thread-transfer.js';
import { turnExamples } from './turn.js';

const all: readonly MessageExamples[] = [
  ...initializeExamples,
  ...threadExamples,
  ...threadTransferExamples,
  ...turnExamples,
  ...goalExamples,
  ...goalPeopleExamples,
  ...goalQueryExamples,
  ...folderTrustExamples,
  ...settingsExamples,
  ...approvalExamples,
  ...threadActionExamples,
  ...readStateExamples,
];

/** The files under examples/: each is a whole message; index.json lists them and says why the refused ones are. */
export function exampleFiles(): [string, unknown][] {
  const samples = all.flatMap(samplesOf);
  return [
    ...samples.map(({ file, content }): [string, unknown] => [`examples/${file}`, content]),
    ['examples/index.json', samples.map(({ entry }) => entry)],
  ];
}

interface Sample {
  readonly file: string;
  readonly content: unknown;
  readonly entry: unknown;
}

function samplesOf(examples: MessageExamples): Sample[] {
  const { method } = examples.message;
  const folder = method.replaceAll('/', '.');
  const content = (params: unknown): unknown => ({
    jsonrpc: '2.0',
    ...(examples.message.kind === 'request' ? { id: 1 } : {}),
    method,
    ...(params === undefined ? {} : { params }),
  });
  const accepted = Object.entries(examples.accepted).map(([name, params]): Sample => {
    const file = `${folder}/accepted/${name}.json`;
    return { file, content: content(params), entry: { file, method, accepted: true } };
  });
  const refused = Object.entries(examples.refused).map(
    ([name, { params, why, beyondSchema }]): Sample => {
      const file = `${folder}/refused/${name}.json`;
      return {
        file,
        content: content(params),
        entry: { file, method, accepted: false, why, schemaRefuses: beyondSchema !== true },
      };
    },
  );
  return [...accepted, ...refused];
}
