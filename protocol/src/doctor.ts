import * as z from 'zod';

/** What a doctor's check is about, in the order in which they are told. */
export const DOCTOR_CHECKS = [
  'node',
  'home',
  'token',
  'socket',
  'config',
  'daemon',
  'version',
  'database',
  'backups',
  'disk',
  'model',
  'mcp',
  'git',
  'sandbox',
  'processes',
  'log',
] as const;

export const doctorCheckSchema = z.object({
  id: z.enum(DOCTOR_CHECKS),
  status: z.enum(['ok', 'warn', 'fail']),
  message: z.string(),
  advice: z.string().nullable().describe('What to do about it; null when there is nothing to do'),
});
export type DoctorCheck = z.infer<typeof doctorCheckSchema>;

/** What `goald --doctor` prints: how a home and its machine are. */
export const doctorReportSchema = z.object({
  version: z.string().describe('Of the goald that looked'),
  home: z.string(),
  checks: z.array(doctorCheckSchema),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;
