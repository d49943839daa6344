import type { GoalEvent } from '@goald/protocol';
import { shortId } from '../output/format.js';
import { answerCommand } from '../output/question-text.js';
import { approveCommand, denyCommand, onVisibleLine } from '../output/approval-text.js';
import { oneLine } from '../output/text.js';
import type { EventData } from './event-data.js';
import type { TranscriptLine } from './view.js';

/** The line of what the agent asks of people and what they say to it; null for all other events. */
export function peopleLine(event: GoalEvent, data: EventData): TranscriptLine | null {
  const threadId = event.threadId ?? '';
  const text = (name: string): string => oneLine(data.text(name) ?? '');
  switch (event.type) {
    case 'blocker.raised': {
      const question = data.text('question');
      const finding = data.text('severity') === 'finding';
      const detail = [
        ...(question === null ? [] : [oneLine(question)]),
        ...(finding && question === null ? [] : [`answer: ${answerCommand(threadId)}`]),
      ];
      return {
        kind: 'warn',
        text: `${finding ? 'finding' : 'blocker'}: ${text('summary')}`,
        ...(detail.length === 0 ? {} : { detail }),
      };
    }
    case 'blocker.resolved': {
      const answer = data.text('answer');
      return {
        kind: 'info',
        text: answer === null ? `resolved: ${text('summary')}` : `answered: ${oneLine(answer)}`,
      };
    }
    case 'approval.requested': {
      const id = data.text('approvalId') ?? '';
      return {
        kind: 'warn',
        text: `asks to ${approvalText(data)}`,
        detail: [`decide: ${approveCommand(id)}, or ${denyCommand(id)}`],
      };
    }
    case 'approval.decided':
      return {
        kind: 'info',
        text: `${DECIDED[data.text('decision') ?? ''] ?? 'decided'}: ${approvalText(data)}`,
      };
    case 'proposal.made': {
      const id = shortId(threadId);
      return {
        kind: 'warn',
        text: `the agent proposes another objective: ${text('objective')}`,
        detail: [`decide: goal accept-proposal ${id}, or goal decline-proposal ${id}`],
      };
    }
    case 'proposal.decided':
      return { kind: 'info', text: `proposal ${text('decision')}: ${text('objective')}` };
    default:
      return null;
  }
}

const DECIDED: Readonly<Record<string, string>> = {
  accept: 'approved',
  acceptForSession: 'approved for this thread',
  acceptWithExecpolicyAmendment: 'approved from now on',
  decline: 'declined',
  cancel: 'declined',
  withdrawn: 'not asked any more',
};

function approvalText(data: EventData): string {
  const command = data.text('command');
  return onVisibleLine(
    command === null ? `change ${data.texts('files').join(', ')}` : `run ${command}`,
  );
}
