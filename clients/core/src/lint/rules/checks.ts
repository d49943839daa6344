import type { LintFinding, Subject, SuggestedCheck } from '../lint.js';

const TESTS = /\b(?:tests?|specs?|pytest|vitest|jest|mocha|rspec|cargo test|go test)\b/iu;
const WRITES_TESTS =
  /\b(?:add|write|extend|update|fix|create|rename|migrate|rewrite)\s+(?:\w+\s+){0,4}?(?:tests?|specs?)\b/iu;

/** What proves that the goal is done, and whether that can be bent. */
export function findChecks(subject: Subject): readonly LintFinding[] {
  const { sections, context, text } = subject;
  if (text === '') return [];
  const commands = [
    ...context.verify,
    ...(sections.verification ?? []).map(({ command }) => command),
  ];
  const findings: LintFinding[] = sections.unreadable.map((line) => ({
    code: 'unreadable-check',
    severity: 'advice',
    message: `“${short(line)}” under Verification is no command: nobody will run it.`,
    advice: 'Put a command between backticks, or move the line to Requirements.',
  }));
  if (commands.length === 0) {
    findings.push({
      code: 'no-verification',
      severity: 'problem',
      message: 'No command proves that it is done: the goal would rest on the model’s own word.',
      advice: howToVerify(context.suggested),
    });
  }
  const denied = sections.constraints?.paths.deny ?? [];
  const allowed = sections.constraints?.paths.allow ?? [];
  const tested = commands.some((command) => TESTS.test(command)) || /\btests? pass/iu.test(text);
  if (tested && denied.length + allowed.length === 0 && !WRITES_TESTS.test(text)) {
    findings.push({
      code: 'open-checks',
      severity: 'advice',
      message: 'Nothing keeps the tests as they are: they could be changed until they pass.',
      advice: 'If they must stay, add a Constraints section with a line such as “deny: test/**”.',
    });
  }
  return findings;
}

function howToVerify(suggested: readonly SuggestedCheck[]): string {
  const [first, ...others] = suggested;
  if (first === undefined) {
    return 'Give a command that exits 0 only when it is done: --verify "…", or a Verification section. A small script that checks the outcome is enough.';
  }
  const more = others.map(({ command }) => `\`${command}\``).join(', ');
  return `This folder has \`${first.command}\` (${first.from})${more === '' ? '' : `, also ${more}`}: pass --verify "${first.command}", or write it into a Verification section. Check that it fails before the work and passes after it.`;
}

function short(line: string): string {
  const flat = line.replaceAll(/\s+/gu, ' ').trim();
  return flat.length <= 80 ? flat : `${flat.slice(0, 79)}…`;
}
