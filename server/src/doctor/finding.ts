import type { DoctorCheck } from '@goald/protocol';

type Finding = Omit<DoctorCheck, 'id'>;

/** A part of the home or the machine that is looked at. Changes nothing there. May throw: that is a finding, too. */
export interface Check {
  readonly id: DoctorCheck['id'];
  run(): Finding | Promise<Finding>;
}

export const ok = (message: string): Finding => ({ status: 'ok', message, advice: null });
export const warn = (message: string, advice: string): Finding => ({
  status: 'warn',
  message,
  advice,
});
export const fail = (message: string, advice: string): Finding => ({
  status: 'fail',
  message,
  advice,
});

export function bytesText(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}

export function ageText(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours < 1) return `${String(Math.max(0, Math.floor(ms / 60_000)))} min`;
  return hours < 48 ? `${String(Math.floor(hours))} h` : `${String(Math.floor(hours / 24))} days`;
}
