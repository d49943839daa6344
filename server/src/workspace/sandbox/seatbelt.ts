import type { ViewRule } from '../../engine/ports/view-rules.js';

/** Services a command cannot do without: name resolution of users, locale, time. */
const SERVICES = [
  'com.apple.system.opendirectoryd.libinfo',
  'com.apple.system.notification_center',
  'com.apple.logd',
  'com.apple.sysmond',
] as const;

/**
 * The profile of sandbox-exec for a view: the last rule that fits counts there, too. A place that is shown from elsewhere cannot be had on
 * macOS: it is hidden, and the folder it comes from is open instead, which TMPDIR and the like have to name.
 */
export function seatbeltProfile(options: {
  readonly rules: readonly ViewRule[];
  readonly network: boolean;
}): string {
  const { rules, network } = options;
  return [
    '(version 1)',
    '(deny default)',
    '(allow process-exec)',
    '(allow process-fork)',
    '(allow signal (target same-sandbox))',
    '(allow process-info* (target same-sandbox))',
    '(allow sysctl-read)',
    '(allow pseudo-tty)',
    '(allow file-read-metadata)',
    '(allow file-ioctl (literal "/dev/dtracehelper") (regex #"^/dev/tty"))',
    ...SERVICES.map((name) => `(allow mach-lookup (global-name ${quoted(name)}))`),
    ...rules.flatMap(linesOf),
    '(allow file-write* (literal "/dev/null") (literal "/dev/zero") (regex #"^/dev/tty"))',
    ...(network
      ? ['(allow network*)', '(allow mach-lookup (global-name "com.apple.dnssd.service"))']
      : [
          '(allow network-bind (local ip "localhost:*"))',
          '(allow network-inbound (local ip "localhost:*"))',
          '(allow network-outbound (remote ip "localhost:*"))',
        ]),
    // Sockets are files: what hides them decides, after what the network allows.
    '(deny network-outbound (remote unix-socket))',
    '',
  ].join('\n');
}

function linesOf({ path, access, source }: ViewRule): string[] {
  const place = subpath(path);
  switch (access) {
    case 'read':
      return [`(allow file-read* ${subpath(source ?? path)})`, `(deny file-write* ${place})`];
    case 'write':
      return source === undefined
        ? [`(allow file-read* file-write* ${place})`]
        : [
            `(deny file-read* file-write* ${place})`,
            `(allow file-read* file-write* ${subpath(source)})`,
          ];
    case 'scratch':
    case 'none':
      return [`(deny file-read* file-write* ${place})`];
  }
}

function subpath(path: string): string {
  return `(subpath ${quoted(path)})`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
