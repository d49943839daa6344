import type { LintFinding, Subject } from '../lint.js';
import { vagueWords } from './vague-words.js';

const OPEN_VERB =
  /^(?:please\s+)?(?:look (?:at|into)|explore|investigate|work on|help(?: me)?|try(?: to)?|think about|improve|enhance|continue|go on|play (?:with|around)|consider|research|review|analy[sz]e|study|experiment|check out|do something|deal with|take care of|optimi[sz]e|refactor|clean up|modernise|modernize)\b/iu;
const OUTCOME =
  /\b(?:so that|such that|until|must|shall|should|returns?|passes|pass|accepts?|rejects?|refuses?|prints?|shows?|exits?|throws?|answers?|fails? (?:with|when|on)|no longer|never|always|instead of|without|when|at (?:most|least)|under|below|less than|fewer than|more than|within)\b|\d/iu;
/** Something a reader could look up: a path, code, a quotation, a name, a number. */
const CONCRETE =
  /`[^`]+`|["“][^"”]{3,}["”]|\S+\/\S+|\b\w+\.\w{1,5}\b|\b[a-z]+[A-Z]\w*|\b[A-Z]{2,}\b|\b\w+_\w+|--?\w{2,}|#?\d+/u;
const POINTING =
  /^(?:please\s+)?(?:fix|solve|finish|do|make|repair|debug|handle|complete|implement)\s+(?:it|this|that|the (?:bugs?|issues?|errors?|problems?|tests?|build|rest|feature|app|code|todos?)|bugs?|issues?|errors?|stuff|things?|everything)\b/iu;
const MAX_CHARS = 4000;

/** What is missing for anyone to know what is meant. */
export function findUnclear(subject: Subject): readonly LintFinding[] {
  const { text, prose, sections } = subject;
  if (text === '') {
    const advice = 'Say what shall be true in the end, in one sentence.';
    return [{ code: 'empty', severity: 'problem', message: 'The objective is empty.', advice }];
  }
  const findings: LintFinding[] = [];
  const length = [...text].length;
  if (length > MAX_CHARS) {
    findings.push({
      code: 'too-long',
      severity: 'problem',
      message: `The objective has ${String(length)} characters; the daemon takes ${String(MAX_CHARS)}.`,
      advice: 'Put the details into a file of the repository and name that file in the objective.',
    });
  }
  if (/\?\s*$/u.test(prose) && !/[.!]\s/u.test(prose)) {
    findings.push({
      code: 'question',
      severity: 'problem',
      message: 'This is a question, and a question is never complete.',
      advice:
        'Say what shall be true when it is answered: “docs/why-slow.md names the three slowest queries, each with its plan.”',
    });
  }
  const told = sections.requirements !== null && sections.requirements.length > 0;
  if (!told && OPEN_VERB.test(prose) && !OUTCOME.test(prose)) {
    const verb = OPEN_VERB.exec(prose)?.[0].replace(/^please\s+/iu, '') ?? '';
    findings.push({
      code: 'no-outcome',
      severity: 'problem',
      message: `“${verb}” names work and no outcome: nobody can tell when it is done.`,
      advice:
        'Say what can be observed afterwards: “A 100 MB file is imported in under 10 s”, “every handler has its own file”.',
    });
  } else if (!told && isPointing(prose) && !isProved(subject)) {
    findings.push({
      code: 'no-subject',
      severity: 'problem',
      message: 'It names nothing that can be looked up: the agent has to guess what you mean.',
      advice:
        'Name the file, the command that fails, or the message it prints: “`npm test` fails in test/date.test.js with "Invalid time value"”.',
    });
  }
  return [...findings, ...vagueWords(prose)];
}

/** “Make the tests pass” names them where a command runs them. */
function isProved({ prose, context, sections }: Subject): boolean {
  const commands = context.verify.length + (sections.verification?.length ?? 0);
  return commands > 0 && /\b(?:tests?|specs?|build|lint|types?)\b/iu.test(prose);
}

function isPointing(prose: string): boolean {
  if (CONCRETE.test(prose)) return false;
  const words = prose.split(/\s+/u).filter((word) => word !== '');
  return words.length < 3 || (words.length <= 8 && POINTING.test(prose));
}
