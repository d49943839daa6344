import type { ReviewTarget } from '@goald/protocol';

const HOW = `Change no file. Read the changes and what they touch, and look for what would break: wrong results, lost data, races, missing checks, tests that cannot fail. Answer with your findings, the worst first: for each the file and line, what happens and when, and what to do about it. Leave out matters of taste. If you find nothing, say so.`;

/** What the agent is asked when a user wants changes reviewed. */
export function reviewPrompt(target: ReviewTarget): string {
  return `${whatOf(target)}\n\n${HOW}`;
}

function whatOf(target: ReviewTarget): string {
  switch (target.type) {
    case 'uncommittedChanges':
      return 'Review the changes of the working tree that are not committed: staged, unstaged and untracked files.';
    case 'baseBranch':
      return `Review what this branch changes against ${target.branch}: the difference from their merge base to the working tree.`;
    case 'commit':
      return `Review the changes of commit ${target.sha}${target.title == null ? '' : ` (${target.title})`}.`;
    case 'custom':
      return `Review this: ${target.instructions}`;
  }
}
